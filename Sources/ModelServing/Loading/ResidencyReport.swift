public import ServingCore

/// What became of a ``ResidencyOrder``, as far as it was carried out.
public struct ResidencyReport: Hashable, Sendable {
    /// One block that was brought in.
    public struct Load: Hashable, Sendable {
        /// The block with its measured size.
        public var block: ParameterBlock
        /// From asking the engine to the block's being ready (l_j of the paper).
        public var duration: Duration
    }

    /// The blocks that were put out.
    public var evicted: [BlockID] = []
    /// The blocks that were brought in.
    public var loads: [Load] = []
    /// Every block in memory afterwards, with its bytes; nil where the order was carried out just as it was given.
    public var resident: [BlockID: ByteCount]?
    /// Why the order was not carried out to its end; nil where it was.
    public var failure: ServingError?
    /// The block it failed at, where it was one.
    public var failedBlock: BlockID?
    /// What that block takes in memory, where it was loaded and did not fit.
    public var failedBlockSize: ByteCount?

    /// What all loads took together.
    public var loadDuration: Duration { loads.reduce(.zero) { $0 + $1.duration } }
}
