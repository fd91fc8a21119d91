/// Simple batching, what `fifo`, `edf` and `random` have in common: one batch per model, in a given order of models.
///
/// Each batch takes as many of its model's requests as can end in time, the latest deadlines first, as if the uplink had no
/// limit; blocks shared with the batch before (or resident) are not loaded again. A batch that holds nobody, or would make an
/// earlier one late, is left out. Then requests are dropped, the one with the largest least share first, until the uplink
/// suffices; ``ScheduleTimeline`` says what the shares are.
/// - Complexity: O((models + dropped requests) * (batches + blocks of all batches) + requests * log requests).
struct SimpleBatching {
    /// A batch under way: its requests with the one that needs most of the uplink last.
    private struct Batch {
        var model: Int
        var requests: [Int]
    }

    private let problem: SchedulingProblem
    private var batches: [Batch] = []
    private var outlines: [BatchOutline] = []
    private var timeline = ScheduleTimeline()
    private var unserved: [Int: LoadSchedule.UnservedReason] = [:]

    private var watch: BudgetWatch

    private init(_ problem: SchedulingProblem, _ watch: BudgetWatch) {
        self.problem = problem
        self.watch = watch
    }

    /// Solves `problem` with `models` (each once) in this order. Limits end the batching, not the dropping, without which
    /// there would be no feasible schedule: it only goes in large steps then.
    static func solve(
        _ problem: SchedulingProblem,
        models: [Int],
        limits: SchedulingLimits
    ) -> SchedulingResult {
        var run = SimpleBatching(problem, BudgetWatch(limits))
        var requests = [[Int]](repeating: [], count: problem.server.models.count)
        for (index, request) in problem.requests.enumerated() { requests[request.model].append(index) }
        var reason = SchedulingStopReason.completed
        for (step, model) in models.enumerated() where reason == .completed {
            run.watch.look()
            if run.watch.isUsedUp { reason = .budgetUsedUp }
            if let maximum = limits.maximumIterations, step >= maximum { reason = .iterationLimit }
            guard reason == .completed else { break }
            run.appendBatch(of: model, from: requests[model])
        }
        run.dropUntilFeasible()
        return run.result(reason)
    }
}

extension SimpleBatching {
    /// `batches` without those requests that the uplink has no room for, the one with the largest least share first.
    static func relieved(
        _ batches: [ScheduleBuilder.Batch],
        of problem: SchedulingProblem,
        _ watch: inout BudgetWatch
    ) -> (batches: [ScheduleBuilder.Batch], unserved: [Int: LoadSchedule.UnservedReason]) {
        var run = SimpleBatching(problem, watch)
        run.batches = batches.map { Batch(model: $0.model, requests: $0.requests) }
        run.outlines = batches.map { problem.outline(of: $0.requests, model: $0.model) }
        run.dropUntilFeasible()
        watch = run.watch
        return (run.batches.map { .init(model: $0.model, requests: $0.requests) }, run.unserved)
    }
}

extension SimpleBatching {
    private mutating func appendBatch(of model: Int, from requests: [Int]) {
        guard problem.server.bytes(ofModel: model) <= problem.server.memoryBytes else {
            for request in requests { unserved[request] = .memory }
            return
        }
        let byDeadline = requests.sorted { (problem.requests[$0].deadline, $1) > (problem.requests[$1].deadline, $0) }
        let size = batchSize(of: byDeadline, model: model)
        // Those whose uploads nobody paces hold the others up: the latest goes first where the batch is late for it.
        var chosen = byDeadline.prefix(size).sorted {
            (problem.requests[$0].uploadEnd, $0) < (problem.requests[$1].uploadEnd, $1)
        }
        while !chosen.isEmpty, !isInTime(chosen, model) { chosen.removeLast() }
        guard !chosen.isEmpty else { return }
        outlines.append(outline(of: chosen, model))
        batches.append(Batch(model: model, requests: chosen))
    }

    /// The most requests that end in time if they come next: the k-th latest deadline must allow for k requests.
    private mutating func batchSize(of requests: [Int], model: Int) -> Int {
        outlines.append(BatchOutline(model: model, count: 0, deadline: .infinity))
        watch.spend(20 * outlines.count)
        timeline.compute(outlines, on: problem.server, from: problem.state)
        outlines.removeLast()
        guard let start = timeline.entries.last?.start else { return 0 }
        return problem.batchSize(of: requests, model: model, startingAt: start)
    }

    private mutating func isInTime(_ requests: [Int], _ model: Int) -> Bool {
        watch.spend(20 * outlines.count)
        timeline.compute(outlines + [outline(of: requests, model)], on: problem.server, from: problem.state)
        return timeline.lateRequests == 0 && !timeline.exceedsMemory
    }

    /// The outline of a batch whose paced uploads cost nothing.
    private func outline(of requests: [Int], _ model: Int) -> BatchOutline {
        var outline = problem.outline(of: requests, model: model)
        outline.uplinkWork = 0
        return outline
    }
}

extension SimpleBatching {
    private mutating func dropUntilFeasible() {
        for index in batches.indices {
            batches[index].requests.sort { problem.requests[$0].uplinkWork < problem.requests[$1].uplinkWork }
            outlines[index] = problem.outline(of: batches[index].requests, model: batches[index].model)
        }
        while !batches.isEmpty {
            watch.spend(20 * batches.count)
            timeline.compute(outlines, of: problem)
            if timeline.isFeasible { return }
            if watch.isUsedUp { dropHalf() } else { drop(from: batchWithLargestShare) }
        }
    }

    /// Drops the later half of the batches: what is quick where there is no time left.
    private mutating func dropHalf() {
        let reason: LoadSchedule.UnservedReason = timeline.lacksOnlyUplink(outlines, of: problem) ? .uplink : .deadline
        let half = batches.count / 2
        for request in batches[half...].lazy.flatMap(\.requests) { unserved[request] = reason }
        batches.removeSubrange(half...)
        outlines.removeSubrange(half...)
    }

    /// The batch that holds the request with the largest least share; the last one where nobody needs any.
    private var batchWithLargestShare: Int {
        var largest = (share: 0.0, index: batches.count - 1)
        let first = batches.indices.first { timeline.entries[$0].finish > outlines[$0].deadline + 1e-9 }
        // Where uploads take turns, those behind the first late batch do not stand in its way.
        let end = problem.hasVaryingShares ? (first ?? batches.count - 1) + 1 : batches.count
        if end < batches.count { largest.index = end - 1 }
        for index in 0..<end {
            guard let request = batches[index].requests.last else { continue }
            let window = max(timeline.entries[index].latestStart - problem.state.now, 1e-12)
            let share = problem.requests[request].uplinkWork / window
            if share > largest.share { largest = (share, index) }
        }
        return largest.index
    }

    private mutating func drop(from index: Int) {
        guard let request = batches[index].requests.popLast() else { return }
        unserved[request] = timeline.lacksOnlyUplink(outlines, of: problem) ? .uplink : .deadline
        if batches[index].requests.isEmpty {
            batches.remove(at: index)
            outlines.remove(at: index)
        } else {
            outlines[index] = problem.outline(of: batches[index].requests, model: batches[index].model)
        }
    }

    private func result(_ reason: SchedulingStopReason) -> SchedulingResult {
        var unserved = unserved
        let served = Set(batches.flatMap(\.requests))
        for request in problem.requests.indices where !served.contains(request) && unserved[request] == nil {
            unserved[request] = .deadline
        }
        let built = batches.map { ScheduleBuilder.Batch(model: $0.model, requests: $0.requests) }
        // Only rounding between two ways to sum up could make it infeasible; nobody is served then.
        guard let schedule = ScheduleBuilder.schedule(built, unserved: unserved, of: problem) else {
            return empty(reason)
        }
        let weight = served.reduce(0) { $0 + problem.requests[$1].weight }
        let bound = problem.weightServableAlone
        return SchedulingResult(
            schedule: schedule,
            stopReason: weight >= bound ? .upperBoundReached : reason,
            isOptimal: weight >= bound,
            upperBound: bound
        )
    }

    private func empty(_ reason: SchedulingStopReason) -> SchedulingResult {
        var obstacles = AloneObstacles(problem)
        let unserved = problem.requests.indices.map { ($0, obstacles.obstacle(to: $0) ?? .deadline) }
        return SchedulingResult(
            schedule: LoadSchedule(
                shares: Array(repeating: nil, count: problem.requests.count),
                unserved: Dictionary(uniqueKeysWithValues: unserved)
            ),
            stopReason: reason,
            isOptimal: false,
            upperBound: problem.weightServableAlone
        )
    }
}
