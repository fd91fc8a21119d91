/// The upper bounds of a histogram's buckets, in the metric's base unit (seconds, bytes).
public struct HistogramBuckets: Hashable, Sendable {
    /// The bounds, rising; one above all of them is implied.
    public let bounds: [Double]
    /// `le="0.005"` for each bucket, the one above all included.
    let rendered: [String]

    /// Makes buckets with the finite ones of `bounds`, put in order, each once.
    public init(_ bounds: [Double]) {
        self.bounds = Set(bounds.filter(\.isFinite)).sorted()
        rendered = (self.bounds + [.infinity]).map { "le=\"\($0.sampleText)\"" }
    }

    /// `count` bounds, each `factor` times the one before.
    public static func exponential(from first: Double, factor: Double, count: Int) -> HistogramBuckets {
        var bounds: [Double] = []
        while bounds.count < count { bounds.append(bounds.last.map { $0 * factor } ?? first) }
        return HistogramBuckets(bounds)
    }

    /// The bounds OpenTelemetry advises for the duration of HTTP requests, in seconds, with two finer ones below.
    public static let requestSeconds = HistogramBuckets([
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ])

    /// Bounds in seconds for differences between times: slack before a deadline, errors of estimates.
    public static let differenceSeconds = HistogramBuckets([0.001, 0.01, 0.05, 0.1, 0.5, 1, 5])

    /// Bounds for the number of requests in a batch.
    public static let batchSizes = HistogramBuckets([1, 2, 4, 8, 16, 32, 64, 128])

    /// The first bucket `value` is not above. O(log buckets).
    func index(of value: Double) -> Int {
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
