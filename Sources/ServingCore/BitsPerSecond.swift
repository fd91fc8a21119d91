/// A data rate in bits per second.
public struct BitsPerSecond: RawRepresentable, Hashable, Comparable, Sendable {
    /// The rate itself.
    public let rawValue: Double

    /// Makes a rate of `rawValue` bits per second.
    public init(rawValue: Double) {
        self.rawValue = rawValue
    }

    /// Makes a rate of `bitsPerSecond`.
    public init(_ bitsPerSecond: Double) {
        rawValue = bitsPerSecond
    }

    /// The rate in bytes per second.
    public var bytesPerSecond: Double { rawValue / 8 }

    /// Whether `lhs` is slower than `rhs`.
    public static func < (lhs: BitsPerSecond, rhs: BitsPerSecond) -> Bool { lhs.rawValue < rhs.rawValue }
}
