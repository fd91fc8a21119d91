/// One sample of a family that is read at scrape time.
public struct LabelledValue: Hashable, Sendable {
    let labels: SampleLabels
    let value: Double

    /// Makes a sample; the label names must be letters, digits and underscores, and the caller bounds their values.
    public init(_ labels: [(String, String)] = [], _ value: Double) {
        precondition(
            labels.allSatisfy { $0.0.isMetricWord(allowingColon: false) },
            "label names are letters, digits and underscores"
        )
        self.labels = SampleLabels(labels.map { ($0.0, $0.1) })
        self.value = value
    }
}
