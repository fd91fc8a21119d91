import ServingCore

/// When one pass through a model began, ran and ended.
struct RunWatch {
    /// When its inputs began to be put together.
    let start: MonotonicInstant
    /// When the model began to run; nil where it did not come to that.
    var computeStart: MonotonicInstant?
    /// When it was done; nil where it failed.
    var computeEnd: MonotonicInstant?

    /// Starts the watch.
    init(start: MonotonicInstant) {
        self.start = start
    }

    /// What the watch shows at the pass's end.
    func run(of requests: Int, rows: Int?, end: MonotonicInstant) -> BatchTiming.Run {
        BatchTiming.Run(
            requestCount: requests,
            rowCount: rows,
            duration: start.duration(to: end),
            input: start.duration(to: computeStart ?? end),
            output: (computeEnd ?? end).duration(to: end)
        )
    }
}
