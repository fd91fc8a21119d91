/// The shortest decimal that reads back as one float or double and no other, where that is quickly found.
///
/// Of several equally short ones it is the one closest to the value, so that its text is that of Swift's
/// `description`, without the cost of a `String`.
struct ShortestDecimal {
    /// The digits of the value's magnitude, the last ``places`` of them behind the point.
    let digits: Int
    /// How many digits stand behind the point, at least one.
    let places: Int

    /// Takes `places` digits behind the point; a whole number gets a zero there.
    private init(digits: Int, places: Int) {
        self.digits = places > 0 ? digits : digits * Self.powersOfTen[1 - places]
        self.places = max(places, 1)
    }

    /// The decimal of a double with at most three places and 15 digits, as milliseconds and rates are; nil for others.
    ///
    /// No two decimals of at most 15 digits read as the same double, so one that does is the only and the shortest.
    @inline(__always)
    init?(_ value: Double) {
        guard value.magnitude < 1e12 else { return nil }
        let thousandths = (value.magnitude * 1_000).rounded()
        guard thousandths / 1_000 == value.magnitude else { return nil }
        var digits = Int(thousandths)
        var places = 3
        while places > 1, digits.isMultiple(of: 10) {
            digits /= 10
            places -= 1
        }
        self.init(digits: digits, places: places)
    }

    /// The decimal of a float from 2^-13 to 2^24, or of zero; nil for others.
    ///
    /// Scaled by the power of ten that gives it ten digits at most, the value and the ends of the interval of numbers
    /// that round to it are exact doubles: 26 bits at most, times 5^11, or 25 times 5^12.
    @inline(__always)
    init?(_ value: Float) {
        guard value != 0 else {
            self.init(digits: 0, places: 1)
            return
        }
        let exponent = Int(value.exponentBitPattern) - 127
        let isPowerOfTwo = value.significandBitPattern == 0
        guard (isPowerOfTwo ? -9 : -13)...23 ~= exponent else { return nil }
        // The floor of log10(2^exponent).
        let places = 8 - (exponent * 1_233) >> 12
        let scale = Double(Self.powersOfTen[places])
        let magnitude = Double(value.magnitude)
        let gap = Double(value.ulp) / 2
        self.init(
            scaled: magnitude * scale,
            from: (magnitude - (isPowerOfTwo ? gap / 2 : gap)) * scale,
            to: (magnitude + gap) * scale,
            isClosed: value.significandBitPattern.isMultiple(of: 2),
            places: places
        )
    }

    /// The decimal with the fewest digits between two bounds, which count themselves where `isClosed`.
    @inline(__always)
    private init(scaled value: Double, from lower: Double, to upper: Double, isClosed: Bool, places: Int) {
        // All stay below 2^32, and signed conversions cost a fraction of unsigned ones.
        var first = Int(lower)
        var last = Int(upper)
        // Sums instead of branches here and below: half of these would be predicted wrong.
        let open = isClosed ? 0 : 1
        first &+= (Double(first) < lower ? 1 : 0) | open
        last &-= (Double(last) == upper ? 1 : 0) & open
        var below = Int(value)
        var dropped = 0
        while case let tens = Self.tenth(last), tens &* 10 >= first {
            first = Self.tenth(first &+ 9)
            last = tens
            below = Self.tenth(below)
            dropped &+= 1
        }
        let unit = Self.powersOfTen[dropped]
        // Twice the value and all multiples of half a unit are exact: ties go to the even one.
        let middle = Double((2 &* below &+ 1) &* unit)
        let rounding = (2 * value > middle ? 1 : 0) | ((2 * value == middle ? 1 : 0) & below)
        self.init(digits: min(max(below &+ rounding, first), last), places: places &- dropped)
    }

    @inline(__always)
    private static func tenth(_ value: Int) -> Int { Int(UInt32(truncatingIfNeeded: value) / 10) }

    private static let powersOfTen: [Int] = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
        100_000_000_000, 1_000_000_000_000,
    ]

    /// Ten to the power of ``places``.
    var scale: Int { Self.powersOfTen[places] }
}
