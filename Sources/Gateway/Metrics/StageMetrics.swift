internal import Dispatching
internal import MetricsExposition
internal import ServingCore
private import Synchronization

/// How long the stages of a request took, and how far off the estimates were.
///
/// A class: whoever counts would copy a dozen references else.
final class StageMetrics: Sendable {
    private let upload: Histogram
    private let queue: Histogram
    private let load: Histogram
    private let compute: Histogram
    private let slack: Histogram
    private let overrun: Histogram
    private let refusal: Histogram
    private let requests: MetricFamily<Histogram>
    /// Those of `requests` that were asked for, by model: finding one there takes a list of labels each time.
    private let latencies = Mutex<[String: Histogram]>([:])
    private let uploadError: EstimateErrors
    private let stageErrors: [EstimateCheck.Stage: EstimateErrors]
    /// How far off the last estimates were.
    let accuracy = EstimateAccuracy()

    init(_ registry: MetricRegistry) {
        requests = registry.histogram(
            "gateway_request_duration_seconds",
            help: "Time from the head of a request that was run to its answer, by model."
        )
        let durations = registry.histogram(
            "gateway_stage_duration_seconds",
            help: "Time answered requests spent uploading, queued, waiting for loads, and computing."
        )
        upload = durations.labelled([("stage", "upload")])
        queue = durations.labelled([("stage", "queue")])
        load = durations.labelled([("stage", "load")])
        compute = durations.labelled([("stage", "compute")])
        let errors = registry.histogram(
            "gateway_estimate_error_seconds",
            help: "How much longer or shorter than estimated an upload, one order's loads, one batch's compute took.",
            buckets: .differenceSeconds
        )
        uploadError = EstimateErrors(errors, stage: "upload")
        stageErrors = Dictionary(
            uniqueKeysWithValues: EstimateCheck.Stage.allCases.map {
                ($0, EstimateErrors(errors, stage: $0.rawValue))
            }
        )
        slack =
            registry.histogram(
                "gateway_deadline_slack_seconds",
                help: "Time left to the deadline when the answer was ready; 0 for a late one.",
                buckets: .differenceSeconds
            ).unlabelled
        overrun =
            registry.histogram(
                "gateway_deadline_overrun_seconds",
                help: "Time from the deadline to the moment the answer was ready, of late ones.",
                buckets: .differenceSeconds
            ).unlabelled
        refusal =
            registry.histogram(
                "gateway_refusal_duration_seconds",
                help: "Time from a request's head to its refusal.",
                buckets: HistogramBuckets([1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1])
            ).unlabelled
    }

    /// Counts one refused request that was refused so long after its head.
    func observeRefusal(after duration: Duration) { refusal.observe(duration) }

    /// Counts one answered request, with the time left to its deadline.
    func observe(_ measured: LatencyBreakdown, estimate: LatencyBreakdown, slack left: Duration) {
        upload.observe(measured.upload)
        queue.observe(measured.wait)
        load.observe(measured.load)
        compute.observe(measured.compute)
        uploadError.observe(measured.upload - estimate.upload)
        slack.observe(left)
        if left < .zero { overrun.observe(.zero - left) }
    }

    /// Counts how long one answered request for `model` took, from its head on. O(1) but for a lock.
    func observe(_ duration: Duration, of model: String) { latency(of: model).observe(duration) }

    /// The shares of answered requests for `model` that took no longer, in seconds, as far as buckets tell; nil where none was.
    func latency(of model: String, at shares: [Double]) -> [Double]? {
        let histogram = latency(of: model)
        let found = shares.compactMap { histogram.quantile($0) }
        return found.count == shares.count ? found : nil
    }

    private func latency(of model: String) -> Histogram {
        if let known = latencies.withLock({ $0[model] }) { return known }
        // The family gives the same one to whoever asks for it at the same moment.
        let found = requests.labelled([("model", model)])
        latencies.withLock { $0[model] = found }
        return found
    }

    /// Counts how far off an estimate was.
    func observe(_ check: EstimateCheck) {
        stageErrors[check.stage]?.observe(check.actual - check.estimated)
        accuracy.observe(check)
    }
}

/// The errors of one stage's estimates, on either side: a histogram of what may be below zero has no rising sum.
private struct EstimateErrors: Sendable {
    private let longer: Histogram
    private let shorter: Histogram

    init(_ family: MetricFamily<Histogram>, stage: String) {
        longer = family.labelled([("stage", stage), ("direction", "longer")])
        shorter = family.labelled([("stage", stage), ("direction", "shorter")])
    }

    /// Counts measured time less its estimate.
    func observe(_ error: Duration) {
        if error < .zero { shorter.observe(.zero - error) } else { longer.observe(error) }
    }
}
