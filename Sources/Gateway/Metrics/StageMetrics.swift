internal import MetricsExposition
internal import ServingCore

/// How long the stages of a request took, and how far off the estimates were.
struct StageMetrics: Sendable {
    private let upload: (duration: Histogram, error: Histogram)
    private let queue: (duration: Histogram, error: Histogram)
    private let load: (duration: Histogram, error: Histogram)
    private let compute: (duration: Histogram, error: Histogram)
    private let slack: Histogram

    init(_ registry: MetricRegistry) {
        let durations = registry.histogram(
            "gateway_stage_duration_seconds",
            help: "Time answered requests spent uploading, queued, waiting for loads, and computing."
        )
        let errors = registry.histogram(
            "gateway_estimate_error_seconds",
            help: "Measured time less the estimate the request was admitted with, by stage.",
            buckets: .signedSeconds
        )
        func stage(_ name: String) -> (duration: Histogram, error: Histogram) {
            (durations.labelled([("stage", name)]), errors.labelled([("stage", name)]))
        }
        upload = stage("upload")
        queue = stage("queue")
        load = stage("load")
        compute = stage("compute")
        slack = registry.histogram(
            "gateway_deadline_slack_seconds",
            help: "Time left to the deadline when the answer was ready; negative when late.",
            buckets: .signedSeconds
        ).unlabelled
    }

    /// Counts one answered request.
    func observe(_ measured: LatencyBreakdown, estimate: LatencyBreakdown, slack left: Duration) {
        Self.observe(upload, measured.upload, estimate.upload)
        Self.observe(queue, measured.wait, estimate.wait)
        Self.observe(load, measured.load, estimate.load)
        Self.observe(compute, measured.compute, estimate.compute)
        slack.observe(left)
    }

    private static func observe(
        _ stage: (duration: Histogram, error: Histogram),
        _ measured: Duration,
        _ estimate: Duration
    ) {
        stage.duration.observe(measured)
        stage.error.observe(measured - estimate)
    }
}
