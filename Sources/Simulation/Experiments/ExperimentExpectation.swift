/// That one curve is, on average over the seeds, nowhere below another.
public struct ExperimentExpectation: Hashable, Sendable {
    /// The curve that is to be at least as good.
    public var better: String
    /// The curve it is compared with.
    public var worse: String
    /// The measure, by name; more is better.
    public var measure: String
    /// Whether the two must be equal for every seed.
    public var isEquality: Bool

    /// Makes an expectation.
    public init(
        _ better: String,
        atLeast worse: String,
        measure: ExperimentMeasure = .taskThroughput,
        isEquality: Bool = false
    ) {
        self.better = better
        self.worse = worse
        self.measure = measure.name
        self.isEquality = isEquality
    }
}
