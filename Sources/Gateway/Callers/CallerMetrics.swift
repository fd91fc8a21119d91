internal import MetricsExposition

/// Counts what became of callers at the gate; their names are those of the configured keys.
struct CallerMetrics: Sendable {
    /// What became of a request at the gate.
    enum Outcome: String {
        case accepted, unauthorized, forbidden, quota
    }

    private let family: MetricFamily<Counter>

    init(_ registry: MetricRegistry) {
        family = registry.counter(
            "gateway_caller_requests_total",
            help: "Inference requests let in, and requests of all kinds refused, by caller: key, quota, scope."
        )
    }

    /// Counts one request; O(1) but for the family's lock.
    func count(_ caller: String, _ outcome: Outcome) {
        family.labelled([("caller", caller), ("outcome", outcome.rawValue)]).increment()
    }
}
