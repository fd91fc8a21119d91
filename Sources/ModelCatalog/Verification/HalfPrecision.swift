/// IEEE half precision by hand: Swift has no `Float16` on every platform this builds for.
enum HalfPrecision {
    /// The half that `value`, of magnitude at most 1, is cut off to.
    static func bits(of value: Float) -> UInt16 {
        let bits = value.bitPattern
        let sign = UInt16(bits >> 16) & 0x8000
        let exponent = Int((bits >> 23) & 0xFF) - 127 + 15
        guard exponent > 0 else { return sign }
        return sign | UInt16(min(exponent, 30)) << 10 | UInt16((bits >> 13) & 0x3FF)
    }

    /// The value of a half.
    static func value(of bits: UInt16) -> Double {
        let sign: Double = bits & 0x8000 == 0 ? 1 : -1
        let exponent = Int(bits >> 10) & 0x1F
        let fraction = Double(bits & 0x3FF)
        if exponent == 31 { return fraction == 0 ? sign * .infinity : .nan }
        if exponent == 0 { return sign * fraction * 0x1p-24 }
        return sign * (1 + fraction / 1024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
    }
}
