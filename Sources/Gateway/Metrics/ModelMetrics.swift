internal import MetricsExposition

/// One model's series, looked up once so that counting a request takes no lock.
struct ModelMetrics: Sendable {
    /// Requests by how they ended.
    let outcomes: [InferenceTicket.Outcome: Counter]
    /// Refusals by reason.
    let rejections: [RejectionReason: Counter]
    /// Refused requests, beside the outcomes.
    let rejected: Counter

    init(model: String, in families: RequestFamilies) {
        func outcome(_ name: String) -> Counter {
            families.requests.labelled([("model", model), ("outcome", name)])
        }
        outcomes = Dictionary(
            uniqueKeysWithValues: InferenceTicket.Outcome.allCases.map { ($0, outcome($0.rawValue)) }
        )
        rejected = outcome("rejected")
        rejections = Dictionary(
            uniqueKeysWithValues: RejectionReason.allCases.map { reason in
                (reason, families.rejections.labelled([("model", model), ("reason", reason.rawValue)]))
            }
        )
    }
}

/// The two families that have a series for each model.
struct RequestFamilies: Sendable {
    let requests: MetricFamily<Counter>
    let rejections: MetricFamily<Counter>

    init(_ registry: MetricRegistry) {
        requests = registry.counter(
            "gateway_requests_total",
            help: "Inference requests by how they ended; met is answered before the deadline.",
            maximumSeries: 5 * 512
        )
        rejections = registry.counter(
            "gateway_rejections_total",
            help: "Inference requests refused at their head, by reason.",
            maximumSeries: 7 * 512
        )
    }
}
