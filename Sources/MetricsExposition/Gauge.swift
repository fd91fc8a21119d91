internal import Synchronization

/// A value that goes up and down; any thread may set it. Relaxed atomics: nothing is ordered by a metric.
public final class Gauge: Metric {
    private let bits = Atomic<UInt64>(Double.zero.bitPattern)

    init() {}

    /// Sets the value.
    public func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    /// Sets the value.
    public func set(_ value: Int) {
        set(Double(value))
    }

    /// Adds `amount`, which may be negative.
    public func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, found) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = found
        }
    }

    /// The value now.
    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    /// Writes the sample.
    public func emit(_ name: MetricName, labels: SampleLabels, into text: inout [UInt8]) {
        text.appendSample(name.text, labels: labels, value: value.sampleText)
    }
}
