public import ServingCore

/// Something that can hold parameter blocks in memory and run them.
///
/// All operations may be called from any thread, also at the same time; they block until done.
public protocol InferenceEngine: Sendable {
    /// What the engine is called, for the server's metadata.
    var name: String { get }
    /// The version of the library that does the work.
    var version: String { get }

    /// Loads the block stored in `file`; it stays in memory until the last reference to the result is gone.
    ///
    /// Throws `.engineFailed` where the file is missing, damaged, or not a block this engine can run.
    func load(block id: BlockID, from file: String) throws(ServingError) -> any LoadedBlock

    /// Hands a tensor to the engine, without copying where the engine can use the bytes as they lie.
    ///
    /// Throws `.invalidField` where the bytes are not what datatype and shape say.
    func makeTensor(_ tensor: Tensor) throws(ServingError) -> any EngineTensor

    /// Takes memory for `size` bytes of blocks from the system now, and from now on keeps what blocks give back, up to `limit`
    /// bytes together with what they use: memory the system has just handed out is slow. Goes on `while` that holds.
    func reserveMemory(_ size: ByteCount, keeping limit: ByteCount, while goesOn: @Sendable () -> Bool)

    /// Makes a control for runs of at most `memory` bytes each: for all tensors that a run holds at one time, outputs included.
    func makeRunControl(memory: ByteCount) throws(ServingError) -> any RunControl
}

extension InferenceEngine {
    /// Reserves nothing.
    public func reserveMemory(_ size: ByteCount, keeping limit: ByteCount, while goesOn: @Sendable () -> Bool) {}

    /// Reserves to the end.
    public func reserveMemory(_ size: ByteCount, keeping limit: ByteCount) {
        reserveMemory(size, keeping: limit) { true }
    }

    /// Makes a control without a limit.
    public func makeRunControl(memory: ByteCount) throws(ServingError) -> any RunControl { RunFlag() }
}
