public import ServingCore

/// What residency did since the start; every number only grows.
public struct ResidencyCounters: Hashable, Sendable {
    /// Uses of a block that was in memory already.
    public var hits = 0
    /// Loads that succeeded, each for a use of a block that was not in memory.
    public var misses = 0
    /// Loads that failed.
    public var failures = 0
    /// Blocks that were put out of memory.
    public var evictions = 0
    /// Bytes brought into memory.
    public var bytesLoaded = ByteCount.zero
    /// Bytes that hits did not have to bring in.
    public var bytesReused = ByteCount.zero

    /// Makes counters that stand at nought.
    public init() {}
}
