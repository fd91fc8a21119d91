public import JSONCoding
public import ServingCore

/// The answer to `GET /v2/models/{m}`.
public struct ModelMetadata: Hashable, Sendable, JSONWritable {
    /// The model's name.
    public var name: String
    /// The versions there are.
    public var versions: [Int]
    /// The framework and format, by Triton's names.
    public var platform: String
    /// What goes in.
    public var inputs: [TensorSpecification]
    /// What comes out.
    public var outputs: [TensorSpecification]

    /// Makes metadata of a model that has `versions`.
    public init(model: ServableModel, versions: [Int], platform: String = "onnxruntime_onnx") {
        name = model.id.name
        self.versions = versions
        self.platform = platform
        inputs = model.inputs
        outputs = model.outputs
    }

    /// Writes `{"name","versions","platform","inputs","outputs"}`.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("versions", versions.map(String.init))
            writer.member("platform", platform)
            Self.write(inputs, as: "inputs", to: &writer)
            Self.write(outputs, as: "outputs", to: &writer)
        }
    }

    private static func write(_ tensors: [TensorSpecification], as name: String, to writer: inout JSONWriter) {
        writer.key(name)
        writer.array { writer in
            for tensor in tensors {
                writer.object { writer in
                    writer.member("name", tensor.name)
                    writer.member("datatype", tensor.datatype.rawValue)
                    writer.member("shape", tensor.shape)
                }
            }
        }
    }
}
