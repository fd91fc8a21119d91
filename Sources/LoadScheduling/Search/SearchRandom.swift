import ServingCore

/// The search's random numbers, equal for equal seeds.
struct SearchRandom: Sendable {
    private var generator: SplitMix64

    init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    mutating func next() -> UInt64 { generator.next() }

    /// A number of `0 ..< count`; 0 where that is empty.
    mutating func below(_ count: Int) -> Int {
        guard count > 1 else { return 0 }
        return Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(count)).high)
    }

    /// A number of 0 ..< 1.
    mutating func unit() -> Double { generator.unit() }

    /// A number of exponential distribution, mean about 1; the logarithm is interpolated between powers of two.
    mutating func exponential() -> Double {
        let number = max(unit(), 0x1p-53)
        let binary = Double(-1 - number.exponent) + (2 - number.significand)
        return binary * 0.693_147_180_559_945_3
    }
}
