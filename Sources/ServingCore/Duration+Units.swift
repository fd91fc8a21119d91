extension Duration {
    /// The duration in nanoseconds, clamped to what 64 bits hold (292 years).
    public var clampedNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowOfSum) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        guard overflow || overflowOfSum else { return sum }
        return seconds < 0 ? .min : .max
    }

    /// The duration in seconds.
    public var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    /// The duration in milliseconds.
    public var inMilliseconds: Double { inSeconds * 1e3 }

    /// A duration of `seconds`, where not-a-number counts as zero and anything over a century is cut to it.
    public static func clamping(seconds: Double) -> Duration {
        guard !seconds.isNaN else { return .zero }
        let century = 3.2e9
        return .seconds(Swift.min(Swift.max(seconds, -century), century))
    }
}
