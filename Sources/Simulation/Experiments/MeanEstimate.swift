/// The mean of some samples with its 95 % confidence interval (Student's t).
public struct MeanEstimate: Hashable, Sendable {
    /// The mean.
    public let mean: Double
    /// Half the interval's width; infinite for one sample.
    public let halfWidth: Double
    /// How many samples.
    public let count: Int

    /// The estimate of `samples`; nil where there are none.
    public init?(_ samples: [Double]) {
        guard !samples.isEmpty else { return nil }
        let mean = samples.reduce(0, +) / Double(samples.count)
        self.mean = mean
        count = samples.count
        guard samples.count > 1 else {
            halfWidth = .infinity
            return
        }
        let squares = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let variance = squares / Double(samples.count - 1)
        halfWidth = StudentT.quantile975(samples.count - 1) * (variance / Double(samples.count)).squareRoot()
    }
}
