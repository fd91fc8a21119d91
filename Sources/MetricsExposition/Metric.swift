/// One series' value: a ``Counter``, a ``Gauge`` or a ``Histogram``.
public protocol Metric: AnyObject, Sendable {
    /// Writes the metric's samples.
    func emit(_ name: MetricName, labels: SampleLabels, into text: inout [UInt8])
}

/// A family's name, and the names of what a histogram consists of.
public struct MetricName: Hashable, Sendable {
    let text: String
    let bucket: String
    let sum: String
    let count: String

    init(_ text: String) {
        self.text = text
        bucket = text + "_bucket"
        sum = text + "_sum"
        count = text + "_count"
    }
}

/// A series' labels as they are written: `model="digits",outcome="met"`.
public struct SampleLabels: Hashable, Sendable {
    let text: String

    init(_ labels: [(name: String, value: String)]) {
        text = labels.map { "\($0.name)=\"\($0.value.escapedLabelValue)\"" }.joined(separator: ",")
    }

    private init(text: String) {
        self.text = text
    }

    func appending(_ rendered: String) -> SampleLabels {
        SampleLabels(text: text.isEmpty ? rendered : text + "," + rendered)
    }
}
