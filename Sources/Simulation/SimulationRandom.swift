/// A repeatable stream of random numbers (SplitMix64; Steele, Lea, Flood, OOPSLA 2014): equal seeds, equal streams.
public struct SimulationRandom: RandomNumberGenerator, Sendable {
    /// What makes the rest of the stream again.
    public private(set) var seed: UInt64

    /// Makes the stream of `seed`.
    public init(seed: UInt64) {
        self.seed = seed
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        seed &+= 0x9E37_79B9_7F4A_7C15
        var mixed = seed
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A stream that depends on this one's seed and on `purpose` alone: drawing more for one purpose shifts no other.
    public func stream(_ purpose: UInt64) -> SimulationRandom {
        var seeds = SimulationRandom(seed: seed ^ (purpose &* 0xD1B5_4A32_D192_ED03))
        return SimulationRandom(seed: seeds.next())
    }
}
