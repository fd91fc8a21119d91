/// A bandwidth in hertz: what the uplink's users share (W and w_k of the paper).
public struct Hertz: RawRepresentable, Hashable, Comparable, Sendable {
    /// The bandwidth itself.
    public let rawValue: Double

    /// Makes a bandwidth of `rawValue` hertz.
    public init(rawValue: Double) {
        self.rawValue = rawValue
    }

    /// Makes a bandwidth of `hertz`.
    public init(_ hertz: Double) {
        rawValue = hertz
    }

    /// The rate this bandwidth carries at a spectral efficiency (bit/s/Hz).
    public func rate(at efficiency: SpectralEfficiency) -> BitsPerSecond {
        BitsPerSecond(rawValue * efficiency.rawValue)
    }

    /// Whether `lhs` is less bandwidth than `rhs`.
    public static func < (lhs: Hertz, rhs: Hertz) -> Bool { lhs.rawValue < rhs.rawValue }
}
