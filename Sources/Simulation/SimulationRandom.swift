import ServingCore

/// A repeatable stream of random numbers: equal seeds, equal streams.
public struct SimulationRandom: RandomNumberGenerator, Sendable {
    private var generator: SplitMix64

    /// Makes the stream of `seed`.
    public init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    /// What makes the rest of the stream again.
    public var seed: UInt64 { generator.state }

    /// The next 64 bits.
    public mutating func next() -> UInt64 { generator.next() }

    /// A stream that depends on this one's seed and on `purpose` alone: drawing more for one purpose shifts no other.
    public func stream(_ purpose: UInt64) -> SimulationRandom {
        var seeds = SplitMix64(seed: generator.state ^ (purpose &* 0xD1B5_4A32_D192_ED03))
        return SimulationRandom(seed: seeds.next())
    }
}
