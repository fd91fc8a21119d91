internal import Synchronization

/// The metrics of a process, and their text for Prometheus.
///
/// Families are registered once, at start; a name that is not valid or is registered twice is a mistake in the program.
public final class MetricRegistry: Sendable {
    private struct State {
        var names: Set<String> = []
        var families: [any ExposedFamily] = []
    }

    private let state = Mutex(State())

    /// Makes a registry without metrics.
    public init() {}

    /// The media type of the text ``emit(into:)`` writes.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Registers counters; `name` ends in `_total`.
    public func counter(_ name: String, help: String, maximumSeries: Int = 256) -> MetricFamily<Counter> {
        add(MetricFamily(name, help: help, type: "counter", maximumSeries: maximumSeries) { Counter() }, name)
    }

    /// Registers gauges.
    public func gauge(_ name: String, help: String, maximumSeries: Int = 256) -> MetricFamily<Gauge> {
        add(MetricFamily(name, help: help, type: "gauge", maximumSeries: maximumSeries) { Gauge() }, name)
    }

    /// Registers histograms, in base units: `_seconds`, `_bytes`.
    public func histogram(
        _ name: String,
        help: String,
        buckets: HistogramBuckets = .requestSeconds,
        maximumSeries: Int = 256
    ) -> MetricFamily<Histogram> {
        let make: @Sendable () -> Histogram = { Histogram(buckets: buckets) }
        return add(MetricFamily(name, help: help, type: "histogram", maximumSeries: maximumSeries, make: make), name)
    }

    /// Registers a gauge whose samples `read` gives at each scrape; it is called on the scraping thread.
    public func gauge(_ name: String, help: String, read: @escaping @Sendable () -> [LabelledValue]) {
        _ = add(ReadFamily(name: name, help: help, type: "gauge", read: read), name)
    }

    /// Registers a gauge whose one value `read` gives at each scrape; it is called on the scraping thread.
    public func gauge(_ name: String, help: String, value read: @escaping @Sendable () -> Double) {
        gauge(name, help: help, read: { [LabelledValue([], read())] })
    }

    /// Registers a counter kept elsewhere, whose samples `read` gives at each scrape.
    public func counter(_ name: String, help: String, read: @escaping @Sendable () -> [LabelledValue]) {
        _ = add(ReadFamily(name: name, help: help, type: "counter", read: read), name)
    }

    /// Appends all samples in the Prometheus text exposition format 0.0.4, families in the order of registration.
    /// O(series); counting goes on meanwhile.
    public func emit(into text: inout [UInt8]) {
        let families = state.withLock { $0.families }
        for family in families { family.emit(into: &text) }
    }

    private func add<Family: ExposedFamily>(_ family: Family, _ name: String) -> Family {
        precondition(name.isMetricWord(allowingColon: true), "a metric's name is letters, digits, _ and :")
        state.withLock { state in
            precondition(state.names.insert(name).inserted, "the metric \(name) is registered twice")
            state.families.append(family)
        }
        return family
    }
}
