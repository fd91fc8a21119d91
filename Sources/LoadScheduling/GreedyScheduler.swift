/// The paper's heuristic for the general case (PartialLoading, arXiv 2503.22982): again and again append the batch with the best
/// gain, requests served per second of load and inference, as long as the schedule stays feasible.
///
/// A candidate is one batch per model: as many of its remaining requests as can end in time if the batch came next, shared
/// blocks counted once. Where uplink or uploads stand in the way, it gives up those that need most. A gain counts no hertz; so
/// where the uplink was short, it also fills the schedule as if there were no uplink, then drops whoever needs most of it, in
/// that order of batches and in the reverse, and keeps what serves most. Not exact: it does not look ahead. Ties go to the model
/// with the lower index, so that equal problems give equal schedules.
/// - Complexity: O(batches * (models * (log requests + blocks of a model) + batches)) for what it tries; where the uplink is
///   short, also O(dropped requests * (batches + blocks of all batches)).
public struct GreedyScheduler: LoadScheduler {
    /// Makes one.
    public init() {}

    /// `greedy`.
    public var name: String { "greedy" }

    /// Appends batches until none can be added or a limit is reached.
    public func solve(_ problem: SchedulingProblem, limits: SchedulingLimits) -> SchedulingResult {
        var counting = GreedyRun(problem, limits, uplink: .counted)
        let counted = complete(&counting, limits)
        guard counting.isUplinkShort, counted.stopReason == .completed else { return counted }
        var relieving = GreedyRun(problem, limits, uplink: .relieved, after: counting)
        let relieved = complete(&relieving, limits) { $0.relieveUplink() }
        return relieved.isBetter(than: counted, for: problem) ? relieved : counted
    }

    /// Appends to `run` until it ends, lets `finish` change what came of that, and gives the result.
    private func complete(
        _ run: inout GreedyRun,
        _ limits: SchedulingLimits,
        finish: (inout GreedyRun) -> Void = { _ in }
    ) -> SchedulingResult {
        var reason = SchedulingStopReason.completed
        var steps = 0
        while run.hasCandidates {
            run.watch.look()
            if let maximum = limits.maximumIterations, steps >= maximum { reason = .iterationLimit }
            guard reason == .completed, !run.watch.isUsedUp, run.appendBest() else { break }
            steps += 1
        }
        if run.watch.isUsedUp { reason = .budgetUsedUp }
        finish(&run)
        return run.result(reason)
    }
}

extension SchedulingResult {
    /// Whether it serves more weight, or as much with less on the server: an earlier end, then fewer bytes.
    fileprivate func isBetter(than other: SchedulingResult, for problem: SchedulingProblem) -> Bool {
        let (own, others) = (schedule.weight(in: problem), other.schedule.weight(in: problem))
        if own != others { return own > others }
        return schedule.batches.last?.finish ?? 0 < other.schedule.batches.last?.finish ?? 0
    }
}

extension LoadSchedule {
    fileprivate func weight(in problem: SchedulingProblem) -> Double {
        batches.reduce(0) { $1.requests.reduce($0) { $0 + problem.requests[$1].weight } }
    }
}
