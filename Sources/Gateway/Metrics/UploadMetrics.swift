internal import MetricsExposition

/// The bytes of admitted uploads; their rate is how much of the uplink is in use.
struct UploadMetrics: Sendable {
    private let received: Counter
    private let wasted: Counter

    init(_ registry: MetricRegistry) {
        received =
            registry.counter(
                "gateway_uplink_received_bytes_total",
                help: "Body bytes received of admitted inference requests."
            ).unlabelled
        wasted =
            registry.counter(
                "gateway_uplink_wasted_bytes_total",
                help: "Those of them that belonged to requests not answered in time."
            ).unlabelled
    }

    /// Counts what was received of one request's body.
    func count(_ bytes: Int, isWasted: Bool) {
        received.increment(by: UInt64(bytes))
        if isWasted { wasted.increment(by: UInt64(bytes)) }
    }

    /// What was counted so far.
    var bytes: (received: UInt64, wasted: UInt64) { (received.value, wasted.value) }
}
