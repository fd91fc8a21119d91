internal import MetricsExposition
internal import ServingCore

/// Runs that gave no answers, by reason.
struct RunMetrics: Sendable {
    /// Why a run failed.
    enum Reason: String, CaseIterable {
        /// It was ended: all its requests were overdue, or the gateway stopped.
        case ended
        /// It needed more memory than a run may take, or than there was.
        case memory
        /// The model does not take what was sent.
        case input
        /// The engine could not run the model.
        case engine

        init(_ code: ServingError.Code) {
            switch code {
            case .deadlinePassed: self = .ended
            case .runMemoryExceeded, .memoryUnavailable: self = .memory
            case .invalidField: self = .input
            default: self = .engine
            }
        }
    }

    private let failed: [Reason: Counter]

    init(_ registry: MetricRegistry) {
        let help = "Runs of a model that gave no answers, by reason; a batch that fails runs again one by one."
        let family = registry.counter("gateway_runs_failed_total", help: help)
        failed = Dictionary(
            uniqueKeysWithValues: Reason.allCases.map { ($0, family.labelled([("reason", $0.rawValue)])) }
        )
    }

    /// Counts a run.
    func count(_ reason: Reason) { failed[reason]?.increment(by: 1) }
}
