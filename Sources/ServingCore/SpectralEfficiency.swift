/// How many bits a second a user's link carries per hertz (e_k of the paper, bit/s/Hz).
public struct SpectralEfficiency: RawRepresentable, Hashable, Comparable, Sendable {
    /// The efficiency itself, in bit/s/Hz.
    public let rawValue: Double

    /// Makes an efficiency of `rawValue` bit/s/Hz.
    public init(rawValue: Double) {
        self.rawValue = rawValue
    }

    /// One bit a second per hertz: what every device counts as on an uplink given in bits per second.
    public static let one = SpectralEfficiency(rawValue: 1)

    /// Whether `lhs` carries less than `rhs`.
    public static func < (lhs: SpectralEfficiency, rhs: SpectralEfficiency) -> Bool { lhs.rawValue < rhs.rawValue }
}
