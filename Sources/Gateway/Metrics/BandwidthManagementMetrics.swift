internal import BandwidthManagement
internal import MetricsExposition

/// What was handed to the platform's bandwidth management.
struct BandwidthManagementMetrics: Sendable {
    private let calls: Counter
    private let failures: Counter
    private let allocations: Gauge

    init(_ registry: MetricRegistry) {
        calls =
            registry.counter(
                "gateway_bandwidth_management_calls_total",
                help: "Calls to the platform's bandwidth management."
            ).unlabelled
        failures =
            registry.counter(
                "gateway_bandwidth_management_failures_total",
                help: "Those of them that it did not carry out, or not in time."
            ).unlabelled
        allocations =
            registry.gauge(
                "gateway_bandwidth_management_allocations",
                help: "Allocations the platform's bandwidth management holds for devices."
            ).unlabelled
    }

    /// Counts one call.
    func count(_ result: AllocationResult, allocations held: Int) {
        calls.increment()
        if result.isFailure { failures.increment() }
        allocations.set(Double(held))
    }
}

extension AllocationResult {
    fileprivate var isFailure: Bool {
        switch self {
        case .created, .done: false
        case .gone, .refused, .unavailable: true
        }
    }
}
