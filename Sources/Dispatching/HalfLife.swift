/// What fades by half in equal times.
enum HalfLife {
    /// 2 to the power of `exponent`, straight between whole powers: monotone, which is all a ranking needs.
    static func powerOfTwo(_ exponent: Double) -> Double {
        let whole = exponent.rounded(.down)
        return Double(sign: .plus, exponent: Int(whole), significand: 1 + (exponent - whole))
    }
}
