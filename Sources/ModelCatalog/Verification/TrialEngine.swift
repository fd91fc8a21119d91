public import ServingCore

/// Runs ONNX files on given tensors, so that imports can compare; the engine that serves implements it.
public protocol TrialEngine: ImportTrials {
    /// Loads the ONNX model in `file` as it would be loaded to serve; it is gone with the result.
    func load(_ file: String) throws(ServingError) -> any TrialModel
}

/// An ONNX model in memory.
public protocol TrialModel: AnyObject {
    /// Its inputs, in its own order.
    var inputs: [TensorSpecification] { get }

    /// Runs it on `inputs`, given in its own order; gives its outputs in its own order, named.
    func run(_ inputs: [Tensor]) throws(ServingError) -> [Tensor]
}
