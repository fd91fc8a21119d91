/// A number of bytes.
public struct ByteCount: RawRepresentable, Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral {
    /// The number itself.
    public let rawValue: Int

    /// Makes a count of `rawValue` bytes.
    public init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// Makes a count of `bytes` bytes.
    public init(_ bytes: Int) {
        rawValue = bytes
    }

    /// Makes a count from a literal.
    public init(integerLiteral value: Int) {
        rawValue = value
    }

    /// No bytes.
    public static let zero = ByteCount(0)

    /// The same amount in bits, as solvers want it.
    public var bits: Double { Double(rawValue) * 8 }

    /// The sum, clamped to the largest count.
    public static func + (lhs: ByteCount, rhs: ByteCount) -> ByteCount {
        let (sum, overflow) = lhs.rawValue.addingReportingOverflow(rhs.rawValue)
        return ByteCount(overflow ? (rhs.rawValue < 0 ? .min : .max) : sum)
    }

    /// The difference, clamped to the smallest count.
    public static func - (lhs: ByteCount, rhs: ByteCount) -> ByteCount {
        let (difference, overflow) = lhs.rawValue.subtractingReportingOverflow(rhs.rawValue)
        return ByteCount(overflow ? (rhs.rawValue < 0 ? .max : .min) : difference)
    }

    /// Adds in place, clamped.
    public static func += (lhs: inout ByteCount, rhs: ByteCount) { lhs = lhs + rhs }

    /// Subtracts in place, clamped.
    public static func -= (lhs: inout ByteCount, rhs: ByteCount) { lhs = lhs - rhs }

    /// Whether `lhs` is fewer bytes than `rhs`.
    public static func < (lhs: ByteCount, rhs: ByteCount) -> Bool { lhs.rawValue < rhs.rawValue }
}
