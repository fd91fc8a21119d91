public import ServingCore

/// An engine that can write down what it made of a block, so that the next load need not make it again.
public protocol CompilingEngine: InferenceEngine {
    /// What a compiled copy depends on beside the block: runtime, version, processor; safe as a folder's name.
    var compilationKey: String { get }

    /// What a measurement of time depends on: what a copy does, and on how many threads one operator may use; safe as a file's name.
    var calibrationKey: String { get }

    /// Whether blocks may hand each other images in the blocked layout that convolutions work in.
    var blocksLayouts: Bool { get }

    /// Compiles a block and puts the copy at `file`, whole or not at all; the folder must exist.
    ///
    /// Throws `.engineFailed` where the block cannot be run, cannot be written down, or the disk refuses.
    func compile(block id: BlockID, from model: BlockModel, to file: String) throws(ServingError)

    /// Loads the copy in `file`, which was checked against its checksum before the runtime sees a byte of it.
    ///
    /// With `packing`, matrices are laid out anew for faster products, as engines do; without, loading takes less time.
    func load(block id: BlockID, compiled file: String, packing: Bool) throws(CompiledCopyFault) -> any LoadedBlock

    /// Whether the copy in `file` has matrices that can be laid out anew; false where there is no such copy.
    func canPack(block id: BlockID, compiled file: String) -> Bool

    /// Why weights are copied to memory instead of being used where they lie in their files; nil where they are not.
    var mappingProblem: String? { get }

    /// Loads a block without a compiled copy.
    func load(block id: BlockID, from model: BlockModel) throws(ServingError) -> any LoadedBlock
}

extension CompilingEngine {
    /// Weights are used as the engine likes.
    public var mappingProblem: String? { nil }
}

/// Where a block's graph and weights are.
public enum BlockModel: Sendable {
    /// In a file, perhaps with further files beside it.
    case file(String)
    /// In memory.
    case bytes(ByteRegion)
}

/// Why a compiled copy could not be loaded.
public enum CompiledCopyFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is none.
    case absent
    /// It is not what was written: truncated, changed, or another block's.
    case damaged(String)
    /// It is what was written, but the runtime does not take it.
    case failed(ServingError)

    /// The fault in words.
    public var description: String {
        switch self {
        case .absent: "there is none"
        case .damaged(let reason): reason
        case .failed(let error): error.message
        }
    }
}
