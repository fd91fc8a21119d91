/// Something an experiment measures.
public struct ExperimentMeasure: Hashable, Sendable {
    /// Its name in files: `task_throughput`.
    public var name: String
    /// Its name on plots, with its unit: `Mean waiting (ms)`.
    public var label: String
    /// Whether its plots begin at 0.
    public var startsAtZero: Bool

    /// Makes a measure.
    public init(_ name: String, label: String, startsAtZero: Bool = true) {
        self.name = name
        self.label = label
        self.startsAtZero = startsAtZero
    }

    /// Requests served before their deadline.
    public static let taskThroughput = ExperimentMeasure("task_throughput", label: "Task throughput (requests)")
    /// The part of the requests that is served in time, in percent.
    public static let inTime = ExperimentMeasure("in_time_percent", label: "Requests in time (%)")
    /// From arrival to start of inference, mean over the served, in milliseconds.
    public static let meanWaiting = ExperimentMeasure("mean_waiting_ms", label: "Mean waiting of the served (ms)")
    /// Bytes loaded into accelerator memory, in megabytes (10^6).
    public static let bytesLoaded = ExperimentMeasure("loaded_mb", label: "Loaded (MB)")
    /// Bytes loaded for each request served, in megabytes.
    public static let bytesPerRequest = ExperimentMeasure(
        "loaded_mb_per_request",
        label: "Loaded per served request (MB)"
    )
}
