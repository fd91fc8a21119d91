import ServingCore

extension SplitMix64 {
    /// A number of `range`, every one as likely.
    mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * unit()
    }
}
