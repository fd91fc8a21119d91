/// A parameter block: a part of a model that is loaded, shared and evicted as one.
public struct ParameterBlock: Hashable, Sendable {
    /// The hash of its content.
    public var id: BlockID
    /// What it takes in accelerator memory (s_j of the paper); an estimate until it was measured.
    public var size: ByteCount

    /// Makes a block.
    public init(id: BlockID, size: ByteCount) {
        self.id = id
        self.size = size
    }
}
