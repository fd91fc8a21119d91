internal import Synchronization

/// A count that only grows; any thread may add to it. Relaxed atomics: nothing is ordered by a metric.
public final class Counter: Metric {
    private let count = Atomic<UInt64>(0)

    init() {}

    /// Adds `amount`.
    public func increment(by amount: UInt64 = 1) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    /// The count now.
    public var value: UInt64 { count.load(ordering: .relaxed) }

    /// Writes the sample.
    public func emit(_ name: MetricName, labels: SampleLabels, into text: inout [UInt8]) {
        text.appendSample(name.text, labels: labels, value: String(value))
    }
}
