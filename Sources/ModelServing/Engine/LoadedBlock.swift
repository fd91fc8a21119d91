public import ServingCore

/// A parameter block in memory, ready to run; releasing the last reference frees its memory.
public protocol LoadedBlock: AnyObject, Sendable {
    /// What it takes in memory while nothing runs.
    var residentSize: ByteCount { get }
    /// What goes in, in the block's own order.
    var inputs: [TensorSpecification] { get }
    /// What comes out, in the block's own order.
    var outputs: [TensorSpecification] { get }

    /// Whether it can be run: false once its file can no longer be read, then it has to be loaded again.
    var isSound: Bool { get }

    /// Runs the block on `inputs`, given in the block's own order; any number of threads may do so at once.
    ///
    /// Throws `.invalidField` where the block does not take these inputs, `.engineFailed` where it fails on them.
    func run(_ inputs: [any EngineTensor]) throws(ServingError) -> [any EngineTensor]

    /// The same, where nobody needs some of the inputs afterwards: `overwriting` has a place for each input, true where the
    /// block may put its outputs into that input's memory. Even where it throws, those inputs are lost.
    ///
    /// `control` is the engine's own: throws `.runMemoryExceeded` where the run needs more memory than it allows, and
    /// `.deadlinePassed` where it ends the run; without one, nothing bounds the run.
    func run(
        _ inputs: [any EngineTensor],
        overwriting: [Bool],
        control: (any RunControl)?
    ) throws(ServingError) -> [any EngineTensor]
}

extension LoadedBlock {
    /// All it needs is in memory of its own.
    public var isSound: Bool { true }

    /// Overwrites nothing, and is not bounded.
    public func run(
        _ inputs: [any EngineTensor],
        overwriting: [Bool],
        control: (any RunControl)?
    ) throws(ServingError) -> [any EngineTensor] {
        try run(inputs)
    }
}
