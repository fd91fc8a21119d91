public import ModelCatalog
internal import ONNXEngine
public import ServingCore

/// Asks ONNX Runtime for the types of a model's tensors, for imports.
public struct ONNXTensorTypes: TensorTypeInference {
    private let engine: ONNXEngine

    /// Opens ONNX Runtime.
    ///
    /// - Throws: `ServingError` saying where its library was looked for.
    public init(configuration: GatewayConfiguration) throws(ServingError) {
        engine = try ONNXEngine(configuration.onnxConfiguration)
    }

    /// The outputs of the model in `bytes`, as ONNX Runtime infers them.
    public func outputSpecifications(ofModel bytes: [UInt8]) throws(ServingError) -> [TensorSpecification] {
        try engine.tensorSpecifications(ofModelBytes: ByteRegion(copying: bytes)).outputs
    }
}
