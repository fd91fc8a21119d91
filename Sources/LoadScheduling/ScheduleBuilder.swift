import ServingCore

/// Turns an ordered list of batches into a ``LoadSchedule`` with times, shares and blocks.
public enum ScheduleBuilder {
    /// One batch before it has times.
    public struct Batch: Hashable, Sendable {
        /// Which model runs.
        public var model: Int
        /// The requests it holds, by index.
        public var requests: [Int]

        /// Makes a batch.
        public init(model: Int, requests: [Int]) {
            self.model = model
            self.requests = requests
        }
    }

    /// The schedule of `batches` in this order; nil where it is not feasible.
    /// - Complexity: that of ``ScheduleTimeline``, and O(requests).
    public static func schedule(
        _ batches: [Batch],
        unserved: [Int: LoadSchedule.UnservedReason] = [:],
        of problem: SchedulingProblem
    ) -> LoadSchedule? {
        var watch = BudgetWatch(.none)
        return schedule(batches, unserved: unserved, of: problem, &watch)
    }

    /// Whether `batches` in this order are feasible.
    /// - Complexity: that of ``ScheduleTimeline``.
    static func isFeasible(_ batches: [Batch], of problem: SchedulingProblem) -> Bool {
        var timeline = ScheduleTimeline()
        timeline.compute(batches.map { problem.outline(of: $0.requests, model: $0.model) }, of: problem)
        return timeline.isFeasible
    }

    /// As the public one; looks at the budget on the way, whatever it says.
    static func schedule(
        _ batches: [Batch],
        unserved: [Int: LoadSchedule.UnservedReason],
        of problem: SchedulingProblem,
        _ watch: inout BudgetWatch
    ) -> LoadSchedule? {
        let outlines = batches.map { problem.outline(of: $0.requests, model: $0.model) }
        var timeline = ScheduleTimeline(recordsBlocks: true)
        watch.look()
        timeline.watch = watch
        timeline.isCutShort = false
        timeline.compute(outlines, of: problem)
        guard timeline.isFeasible else { return nil }
        watch.look()
        var built: [LoadSchedule.Batch] = []
        for (index, batch) in batches.enumerated() {
            let entry = timeline.entries[index]
            built.append(
                LoadSchedule.Batch(
                    model: batch.model,
                    requests: batch.requests,
                    loadStart: entry.loadStart,
                    inferStart: entry.start,
                    finish: entry.finish,
                    loadedBlocks: timeline.loadedBlocks[index],
                    evictedBlocks: timeline.evictedBlocks[index]
                )
            )
        }
        var schedule = LoadSchedule(batches: built, unserved: unserved)
        if problem.hasVaryingShares {
            giveTurns(&schedule, problem)
        } else {
            shareConstantly(&schedule, timeline, problem)
        }
        return schedule
    }

    /// The closed form: the least shares, grown in proportion to what the uplink has.
    private static func shareConstantly(
        _ schedule: inout LoadSchedule,
        _ timeline: ScheduleTimeline,
        _ problem: SchedulingProblem
    ) {
        schedule.shares = Array(repeating: nil, count: problem.requests.count)
        for (batch, entry) in zip(schedule.batches, timeline.entries) {
            let window = entry.latestStart - problem.state.now
            for request in batch.requests {
                let work = problem.requests[request].uplinkWork
                schedule.shares[request] = Hertz(work > 0 ? work / window * timeline.uplinkScale : 0)
            }
        }
    }

    /// One upload after the other on the whole uplink, in the order of batches.
    private static func giveTurns(_ schedule: inout LoadSchedule, _ problem: SchedulingProblem) {
        schedule.shares = Array(repeating: nil, count: problem.requests.count)
        schedule.turns = Array(repeating: nil, count: problem.requests.count)
        let uplink = problem.server.uplink
        var work = 0.0
        for request in schedule.batches.lazy.flatMap(\.requests) {
            let start = problem.state.now + work / uplink.rawValue
            let own = problem.requests[request].uplinkWork
            guard own > 0 else {
                schedule.shares[request] = Hertz(0)
                continue
            }
            work += own
            schedule.shares[request] = uplink
            schedule.turns[request] = .init(start: start, end: problem.state.now + work / uplink.rawValue)
        }
    }
}
