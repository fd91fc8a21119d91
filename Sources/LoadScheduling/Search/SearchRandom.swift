/// The search's random numbers: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), equal for equal seeds.
struct SearchRandom: Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number of `0 ..< count`; 0 where that is empty.
    mutating func below(_ count: Int) -> Int {
        guard count > 1 else { return 0 }
        return Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(count)).high)
    }

    /// A number of 0 ..< 1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A number of exponential distribution, mean about 1; the logarithm is interpolated between powers of two.
    mutating func exponential() -> Double {
        let number = max(unit(), 0x1p-53)
        let binary = Double(-1 - number.exponent) + (2 - number.significand)
        return binary * 0.693_147_180_559_945_3
    }
}
