/// How often a value fell below each of some bounds, and the sum of all values; any thread may add one.
public final class Histogram: Metric {
    private let buckets: HistogramBuckets
    /// One more than bounds: the last is for what is above all of them.
    private let counts: [Counter]
    private let total = Gauge()

    init(buckets: HistogramBuckets) {
        self.buckets = buckets
        counts = (0...buckets.bounds.count).map { _ in Counter() }
    }

    /// Counts `value`; one that is not a number is left out, one below zero counts as zero. O(log buckets).
    ///
    /// Prometheus takes the sum for a counter: it must never fall.
    public func observe(_ value: Double) {
        guard !value.isNaN else { return }
        counts[buckets.index(of: max(value, 0))].increment()
        if value > 0 { total.add(value) }
    }

    /// Counts a duration, in seconds.
    public func observe(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        observe(Double(seconds) + Double(attoseconds) * 1e-18)
    }

    /// How many values were counted.
    public var count: UInt64 { counts.reduce(0) { $0 &+ $1.value } }

    /// The sum of all values counted.
    public var sum: Double { total.value }

    /// The value that the share `share` of all values does not exceed, taken to lie evenly within its bucket, and at the last bound
    /// where it lies above; nil where nothing was counted. O(buckets).
    public func quantile(_ share: Double) -> Double? {
        let found = counts.map { Double($0.value) }
        let wanted = found.reduce(0, +) * min(max(share, 0), 1)
        guard found.contains(where: { $0 > 0 }) else { return nil }
        var below = 0.0
        var lower = 0.0
        for (count, bound) in zip(found, buckets.bounds) {
            if count > 0, below + count >= wanted { return lower + (bound - lower) * (wanted - below) / count }
            below += count
            lower = bound
        }
        return lower
    }

    /// Writes the cumulative buckets, the sum and the count; the count is the last bucket's, whatever is added meanwhile.
    public func emit(_ name: MetricName, labels: SampleLabels, into text: inout [UInt8]) {
        var cumulative: UInt64 = 0
        for (counter, bound) in zip(counts, buckets.rendered) {
            cumulative &+= counter.value
            text.appendSample(name.bucket, labels: labels.appending(bound), value: String(cumulative))
        }
        text.appendSample(name.sum, labels: labels, value: sum.sampleText)
        text.appendSample(name.count, labels: labels, value: String(cumulative))
    }
}
