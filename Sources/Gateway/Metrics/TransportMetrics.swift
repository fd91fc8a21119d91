internal import HTTPTransport
internal import MetricsExposition

/// Counts what the transport does by itself to protect the server.
struct TransportMetrics: Sendable {
    private let counters: [TransportNotice: Counter]

    init(_ registry: MetricRegistry) {
        let family = registry.counter(
            "gateway_connection_events_total",
            help: "What the transport did by itself: clients cut, connections and heads refused, descriptors used up."
        )
        counters = Dictionary(
            uniqueKeysWithValues: TransportNotice.allCases.map { ($0, family.labelled([("event", $0.rawValue)])) }
        )
    }

    /// Counts one event. O(1), takes no lock.
    func count(_ notice: TransportNotice) {
        counters[notice]?.increment()
    }
}
