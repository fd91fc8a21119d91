/// One run of the heuristic: the batches so far and what is left.
struct GreedyRun {
    /// A batch that could come next.
    struct Candidate {
        var model: Int
        var requests: [Int]
        var gain: Double
    }

    /// A batch that could come next, before anybody is chosen for it.
    struct Prospect {
        var model: Int
        var size: Int
        var end: Double
        var gain: Double
    }

    /// When the uplink is looked at.
    enum Uplink {
        /// Before a batch is appended: the batch gives up those that need most.
        case counted
        /// When all batches are there: any batch gives up whoever needs most.
        case relieved
    }

    let problem: SchedulingProblem
    /// Looks at the budget.
    var watch: BudgetWatch
    private let uplink: Uplink
    /// Whether a batch gave up requests for the uplink's sake.
    private(set) var isUplinkShort = false
    /// For each model, its remaining requests, the latest deadline first.
    private var remaining: [[Int]]
    private var batches: [ScheduleBuilder.Batch] = []
    private var outlines: [BatchOutline] = []
    /// The times of the batches so far.
    private var timeline = ScheduleTimeline()
    /// Those with a batch more, to see what comes of it.
    private var trial = ScheduleTimeline()
    /// The batch ``trial`` was computed with last.
    private var tried: (model: Int, requests: [Int])?
    /// What is resident after the batches so far.
    private var resident = BlockSet()
    private var unserved: [Int: LoadSchedule.UnservedReason] = [:]
    private let upperBound: Double
    /// Whether each request is worth 1.
    private let hasEqualWeights: Bool

    /// How many candidates are made feasible before the best of them is taken.
    private static let triedAtOnce = 8

    /// Starts a run; what `other` has found out about the blocks of the same problem is not found out again.
    init(_ problem: SchedulingProblem, _ limits: SchedulingLimits, uplink: Uplink, after other: GreedyRun? = nil) {
        self.problem = problem
        watch = BudgetWatch(limits)
        self.uplink = uplink
        remaining = Array(repeating: [], count: problem.server.models.count)
        var bound = 0.0
        var obstacles = AloneObstacles(problem)
        for (index, request) in problem.requests.enumerated() {
            watch.spend(10)
            if let obstacle = obstacles.obstacle(to: index) {
                unserved[index] = obstacle
            } else {
                remaining[request.model].append(index)
                bound += request.weight
            }
        }
        upperBound = bound
        hasEqualWeights = problem.requests.allSatisfy { $0.weight == 1 }
        let requests = problem.requests
        for model in remaining.indices where remaining[model].count > 1 {
            watch.spend(20 * remaining[model].count)
            remaining[model].sort { (requests[$0].deadline, $1) > (requests[$1].deadline, $0) }
        }
        if let other { timeline.residency.table = other.timeline.residency.table }
        timeline.compute([], on: problem.server, from: problem.state)
        noteResident()
    }

    private mutating func noteResident() {
        let isConsecutive = problem.server.reuse == .consecutive
        let last = isConsecutive ? outlines.last.map { problem.server.models[$0.model].blockSet } : nil
        resident = last ?? timeline.residentAtEnd(on: problem.server)
    }

    var hasCandidates: Bool { remaining.contains { !$0.isEmpty } }

    /// Appends the best batch that keeps the schedule feasible; false where there is none.
    mutating func appendBest() -> Bool {
        var prospects: [Prospect] = []
        for model in remaining.indices where !remaining[model].isEmpty {
            watch.spend(problem.server.models[model].blocks.count + 20)
            if let prospect = prospect(of: model) { prospects.append(prospect) }
        }
        prospects.sort { ($0.gain, $1.model) > ($1.gain, $0.model) }
        var best: Candidate?
        var found = 0
        for prospect in prospects {
            if watch.isUsedUp { return false }
            if let best, best.gain >= prospect.gain || found >= Self.triedAtOnce { break }
            guard let feasible = fitted(candidate(prospect)) else { continue }
            found += 1
            if feasible.gain > best?.gain ?? 0 { best = feasible }
        }
        guard let best else { return false }
        append(best)
        return true
    }

    /// The largest batch of `model` that ends in time if it comes next, whatever the uplink says.
    private func prospect(of model: Int) -> Prospect? {
        let start = earliestStart(of: model)
        let size = problem.batchSize(of: remaining[model], model: model, startingAt: start)
        guard size > 0 else { return nil }
        let end = start + problem.server.models[model].seconds(batch: size)
        var prospect = Prospect(model: model, size: size, end: end, gain: 0)
        let weight = hasEqualWeights ? Double(size) : self.weight(of: chosen(prospect))
        prospect.gain = gain(of: weight, until: end)
        return prospect
    }

    private func candidate(_ prospect: Prospect) -> Candidate {
        Candidate(model: prospect.model, requests: chosen(prospect), gain: prospect.gain)
    }

    /// The requests for a batch of that size: those most worth that are in time.
    private func chosen(_ prospect: Prospect) -> [Int] {
        let eligible = remaining[prospect.model].prefix { problem.requests[$0].deadline + 1e-9 >= prospect.end }
        guard eligible.count > prospect.size || !hasEqualWeights else { return Array(eligible.prefix(prospect.size)) }
        return Array(eligible.sorted { isWorthMore($0, $1) }.prefix(prospect.size))
    }

    private func isWorthMore(_ left: Int, _ right: Int) -> Bool {
        let (first, second) = (problem.requests[left], problem.requests[right])
        if first.weight != second.weight { return first.weight > second.weight }
        return (first.uplinkWork, left) < (second.uplinkWork, right)
    }

    private func gain(of weight: Double, until end: Double) -> Double {
        weight / max(end - max(undelayedEnd(of: timeline), problem.state.now), 1e-9)
    }

    /// When the last batch ends if paced uploads do not delay it: they would be earlier if another batch came after it.
    private func undelayedEnd(of timeline: ScheduleTimeline) -> Double { timeline.finishesByLoads.last ?? timeline.end }

    private func earliestStart(of model: Int) -> Double {
        let server = problem.server
        let seconds = server.models[model].blocks.reduce(0) {
            resident.contains($1) ? $0 : $0 + server.blocks[$1].loadSeconds
        }
        let executor = undelayedEnd(of: timeline)
        guard server.overlap else { return executor + seconds }
        return seconds > 0 ? max(executor, timeline.loaderEnd + seconds) : executor
    }

    /// The candidate without the requests that stand in the way of a feasible schedule; nil where nothing is left.
    private mutating func fitted(_ candidate: Candidate) -> Candidate? {
        func isFeasible(_ requests: some Collection<Int>) -> Bool {
            computeTrial(with: requests, of: candidate.model)
            return trial.isFeasible
        }
        timeline.prepare(forBatchOf: candidate.model, trial: &trial)
        if isFeasible(candidate.requests) { return candidate }
        let whole = outlines + [outline(of: candidate.requests, model: candidate.model)]
        let reason: LoadSchedule.UnservedReason = trial.lacksOnlyUplink(whole, of: problem) ? .uplink : .deadline
        tried = nil
        let cheapFirst = candidate.requests.sorted { problem.needs($0, lessThan: $1) }
        var low = 0
        var high = cheapFirst.count - 1
        while low < high {
            let size = (low + high + 1) / 2
            if isFeasible(cheapFirst.prefix(size)) { low = size } else { high = size - 1 }
        }
        for request in cheapFirst.dropFirst(low) { unserved[request] = reason }
        if reason == .uplink { isUplinkShort = true }
        guard low > 0, isFeasible(cheapFirst.prefix(low)) else { return nil }
        let kept = Array(cheapFirst.prefix(low))
        let gain = gain(of: weight(of: kept), until: undelayedEnd(of: trial))
        return Candidate(model: candidate.model, requests: kept, gain: gain)
    }

    /// Computes the times with a batch more.
    private mutating func computeTrial(with requests: some Collection<Int>, of model: Int) {
        outlines.append(outline(of: requests, model: model))
        watch.spend(20 * outlines.count)
        trial.compute(outlines, appendedTo: timeline, of: problem)
        outlines.removeLast()
        tried = (model, Array(requests))
    }

    private mutating func append(_ candidate: Candidate) {
        let chosen = Set(candidate.requests)
        remaining[candidate.model].removeAll { chosen.contains($0) }
        batches.append(ScheduleBuilder.Batch(model: candidate.model, requests: candidate.requests))
        if tried?.model != candidate.model || tried?.requests != candidate.requests {
            timeline.prepare(forBatchOf: candidate.model, trial: &trial)
            computeTrial(with: candidate.requests, of: candidate.model)
        }
        tried = nil
        outlines.append(outline(of: candidate.requests, model: candidate.model))
        swap(&timeline, &trial)
        timeline.settle()
        noteResident()
        for request in chosen { unserved[request] = nil }
    }

    /// What the timeline is told of a batch: nothing of its paced uploads where they are looked at in the end.
    private func outline(of requests: some Sequence<Int>, model: Int) -> BatchOutline {
        var outline = problem.outline(of: requests, model: model)
        if uplink == .relieved { outline.uplinkWork = 0 }
        return outline
    }

    /// Drops requests, the one with the largest least share first, until the uplink suffices.
    ///
    /// The best gain comes first, and with it the batch of most requests: it has the least time to upload in. The reverse order
    /// shares as many blocks; where deadlines allow, it needs less of the uplink. Whichever serves more is kept.
    mutating func relieveUplink() {
        let forwards = SimpleBatching.relieved(batches, of: problem, &watch)
        let backwards = SimpleBatching.relieved(batches.reversed(), of: problem, &watch)
        let isBackwards = weight(of: backwards.batches) > weight(of: forwards.batches)
        batches = isBackwards ? backwards.batches : forwards.batches
        unserved.merge(isBackwards ? backwards.unserved : forwards.unserved) { $1 }
    }

    private func weight(of batches: [ScheduleBuilder.Batch]) -> Double {
        batches.reduce(0) { $0 + weight(of: $1.requests) }
    }

    private func weight(of requests: [Int]) -> Double {
        requests.reduce(0) { $0 + problem.requests[$1].weight }
    }

    func result(_ reason: SchedulingStopReason) -> SchedulingResult {
        var unserved = unserved
        for request in remaining.joined() where unserved[request] == nil { unserved[request] = .deadline }
        let schedule = ScheduleBuilder.schedule(batches, unserved: unserved, of: problem)
        let weight = weight(of: batches)
        let isOptimal = schedule != nil && weight >= upperBound
        return SchedulingResult(
            schedule: schedule ?? LoadSchedule(shares: [], unserved: unserved),
            stopReason: isOptimal ? .upperBoundReached : reason,
            isOptimal: isOptimal,
            upperBound: upperBound
        )
    }
}

extension SchedulingProblem {
    /// The order in which requests of one batch are kept where not all can be: less uplink, earlier here, later due.
    fileprivate func needs(_ left: Int, lessThan right: Int) -> Bool {
        let (first, second) = (requests[left], requests[right])
        if first.uplinkWork != second.uplinkWork { return first.uplinkWork < second.uplinkWork }
        if first.uploadEnd != second.uploadEnd { return first.uploadEnd < second.uploadEnd }
        return (second.deadline, left) < (first.deadline, right)
    }
}
