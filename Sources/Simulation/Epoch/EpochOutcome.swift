import LoadScheduling

/// What a schedule comes to, in the order of an epoch's measures.
struct EpochOutcome: Hashable, Sendable {
    /// Requests served in time.
    let served: Int
    /// All requests.
    let asked: Int
    /// The sum over the served of the time from arrival (0) to start of inference, in seconds.
    let waitingSeconds: Double
    /// Bytes loaded.
    let loadedBytes: Int

    /// What `schedule` comes to on `problem`.
    init(_ schedule: LoadSchedule, of problem: SchedulingProblem) {
        served = schedule.servedCount
        asked = problem.requests.count
        waitingSeconds = schedule.batches.reduce(0) { $0 + $1.inferStart * Double($1.requests.count) }
        loadedBytes = schedule.batches.reduce(0) { sum, batch in
            batch.loadedBlocks.reduce(sum) { $0 + problem.server.blocks[$1].bytes }
        }
    }

    /// Task throughput, percent in time, mean waiting in milliseconds, megabytes loaded.
    var values: [Double?] {
        [
            Double(served),
            asked > 0 ? 100 * Double(served) / Double(asked) : nil,
            served > 0 ? 1000 * waitingSeconds / Double(served) : nil,
            Double(loadedBytes) / 1e6,
        ]
    }
}
