public import ModelCatalog
internal import ModelServing
internal import ONNXEngine
public import ServingCore

/// Runs models on ONNX Runtime as serving does, for imports.
public struct ONNXTrialEngine: TrialEngine {
    private let engine: ONNXEngine

    /// Opens ONNX Runtime.
    ///
    /// - Throws: `ServingError` saying where its library was looked for.
    public init(configuration: GatewayConfiguration) throws(ServingError) {
        engine = try ONNXEngine(configuration.onnxConfiguration)
    }

    /// Loads the model in `file` with all optimisations.
    public func load(_ file: String) throws(ServingError) -> any TrialModel {
        ONNXTrialModel(block: try engine.load(block: BlockID(file), from: file), engine: engine)
    }
}

/// A session that takes and gives plain tensors.
private final class ONNXTrialModel: TrialModel {
    private let block: any LoadedBlock
    private let engine: ONNXEngine

    init(block: any LoadedBlock, engine: ONNXEngine) {
        self.block = block
        self.engine = engine
    }

    var inputs: [TensorSpecification] { block.inputs }

    func run(_ inputs: [Tensor]) throws(ServingError) -> [Tensor] {
        let given = try inputs.map { input throws(ServingError) in try engine.makeTensor(input) }
        return try zip(block.outputs, block.run(given)).map { specification, value throws(ServingError) in
            Tensor(name: specification.name, datatype: value.datatype, shape: value.shape, data: try value.bytes())
        }
    }
}
