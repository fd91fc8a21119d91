internal import ModelCatalog
internal import ServingCore

/// What the process that imports asks of the one that tries models, each as one line of JSON.
enum ProbeRequest: Codable {
    /// Open ONNX Runtime; `seconds` is the processor time it may take altogether.
    case open(ProbeSettings)
    /// What the outputs of the model in the `byteCount` bytes behind the line are.
    case types(byteCount: Int)
    /// Run a model.
    case trial(TrialOrder)
}

/// How ONNX Runtime is opened.
struct ProbeSettings: Codable {
    var library: String?
    var threads: Int
    var keptTensorBytes: Int
    var niceness: Int
    var processorSeconds: Int

    init(_ configuration: GatewayConfiguration, _ limits: ProbeLimits) {
        library = configuration.engine.library
        threads = configuration.engine.threads
        keptTensorBytes = configuration.engine.keptTensors.rawValue
        niceness = configuration.engine.niceness
        // All cores at work for all of the time, and a little: the other limit comes first, if somebody is there to see to it.
        processorSeconds = Int(limits.time.inSeconds) * 256 + 10
    }

    /// The configuration that says the same.
    var configuration: GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.engine.library = library
        configuration.engine.threads = threads
        configuration.engine.keptTensors = ByteCount(keptTensorBytes)
        configuration.engine.niceness = niceness
        return configuration
    }
}

/// What it answers.
enum ProbeAnswer: Codable {
    /// ONNX Runtime is open.
    case ready
    /// The outputs, in the model's order.
    case types([ProbeTensor])
    /// What the runs showed.
    case trial(TrialOutcome)
    /// The engine's error.
    case engineError(code: String, message: String)
    /// The catalog's error.
    case catalogError(code: String, message: String)

    init(_ error: ServingError) {
        self = .engineError(code: error.code.rawValue, message: error.message)
    }
}

/// A specification on its way.
struct ProbeTensor: Codable {
    var name: String
    var datatype: String
    var shape: [Int]

    init(_ specification: TensorSpecification) {
        (name, datatype, shape) = (specification.name, specification.datatype.rawValue, specification.shape)
    }

    /// The same as a specification; nil where the datatype is none.
    var specification: TensorSpecification? {
        TensorDatatype(rawValue: datatype).map { TensorSpecification(name: name, datatype: $0, shape: shape) }
    }
}
