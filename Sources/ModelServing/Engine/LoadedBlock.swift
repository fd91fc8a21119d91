public import ServingCore

/// A parameter block in memory, ready to run; releasing the last reference frees its memory.
public protocol LoadedBlock: AnyObject, Sendable {
    /// What it takes in memory while nothing runs.
    var residentSize: ByteCount { get }
    /// What goes in, in the block's own order.
    var inputs: [TensorSpecification] { get }
    /// What comes out, in the block's own order.
    var outputs: [TensorSpecification] { get }

    /// Runs the block on `inputs`, given in the block's own order; any number of threads may do so at once.
    ///
    /// Throws `.invalidField` where the block does not take these inputs, `.engineFailed` where it fails on them.
    func run(_ inputs: [any EngineTensor]) throws(ServingError) -> [any EngineTensor]
}
