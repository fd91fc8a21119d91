internal import MetricsExposition
internal import ServingCore

/// How often the HTTP server itself refused what a client sent, before any operation saw it, by status.
struct TransportRefusals: Sendable {
    private let counters: [Int: Counter]

    /// Opens a series for each status an error can have, so that the labels are bounded.
    init(_ registry: MetricRegistry) {
        let family = registry.counter(
            "gateway_http_refusals_total",
            help: "Requests and connections refused by the HTTP server before any operation saw them, by status."
        )
        let statuses = Set(ServingError.Code.allCases.map(\.httpStatus))
        counters = Dictionary(
            uniqueKeysWithValues: statuses.sorted().map { ($0, family.labelled([("status", String($0))])) }
        )
    }

    /// Counts one refusal.
    func count(_ error: ServingError) { counters[error.code.httpStatus]?.increment() }
}
