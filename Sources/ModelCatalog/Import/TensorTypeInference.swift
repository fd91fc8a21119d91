public import ServingCore

/// Says what type and shape the outputs of a model have; the engine's own inference implements it.
public protocol TensorTypeInference: Sendable {
    /// The outputs of the ONNX model in `bytes`, in the model's order.
    ///
    /// The importer marks tensors inside the model as further outputs, declared without a type, to learn what crosses
    /// a cut. Dimensions that vary are -1; a tensor of unknown rank counts as one without dimensions. Throws where the
    /// model cannot be loaded, or where an output is no tensor of a ``TensorDatatype``.
    func outputSpecifications(ofModel bytes: [UInt8]) throws(ServingError) -> [TensorSpecification]
}
