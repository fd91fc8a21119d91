import ServingCore

/// What a scheduler as good as ours reaches when every load is a full load: ``SearchScheduler`` on the problem with sharing removed.
///
/// Each model gets private copies of its blocks, so that nothing another model left behind spares it a load. The batches found
/// are then timed on the real server, where the loads can only be shorter. A block that is resident at the start belongs to
/// the model with the most requests for it.
/// - Complexity: that of ``SearchScheduler``.
public struct UnsharedScheduler: LoadScheduler {
    /// The search it runs.
    public var search: SearchScheduler

    /// Makes one.
    public init(search: SearchScheduler = SearchScheduler()) {
        self.search = search
    }

    /// `unshared`.
    public var name: String { "unshared" }

    /// Searches without sharing until the limits are reached; the bound is that of requests that can be served alone.
    public func solve(_ problem: SchedulingProblem, limits: SchedulingLimits) -> SchedulingResult {
        var search = search
        search.bound = { _, _ in nil }
        let found = search.solve(Self.withoutSharing(problem), limits: limits)
        let schedule = Self.timed(found.schedule, problem)
        let bound = problem.weightServableAlone
        let weight = schedule.batches.reduce(0) { $1.requests.reduce($0) { $0 + problem.requests[$1].weight } }
        return SchedulingResult(
            schedule: schedule,
            stopReason: found.stopReason,
            isOptimal: weight >= bound,
            upperBound: bound
        )
    }

    /// `problem` with private copies of every block for every model.
    static func withoutSharing(_ problem: SchedulingProblem) -> SchedulingProblem {
        var result = problem
        let owners = owners(in: problem)
        result.server.blocks = []
        result.server.models = []
        result.state.resident = BlockSet()
        result.state.loading = BlockSet()
        result.state.pinned = BlockSet()
        result.state.executing = BlockSet()
        for (index, model) in problem.server.models.enumerated() {
            var copies: [Int] = []
            for block in model.blocks {
                let copy = result.server.blocks.count
                copies.append(copy)
                result.server.blocks.append(problem.server.blocks[block])
                guard owners[block] == index else { continue }
                if problem.state.resident.contains(block) { result.state.resident.insert(copy) }
                if problem.state.loading.contains(block) { result.state.loading.insert(copy) }
                if problem.state.pinned.contains(block) { result.state.pinned.insert(copy) }
                if problem.state.executing.contains(block) { result.state.executing.insert(copy) }
            }
            result.server.models.append(
                EdgeServer.Model(
                    blocks: copies,
                    baseSeconds: model.baseSeconds,
                    itemSeconds: model.itemSeconds,
                    maximumBatchSize: model.maximumBatchSize
                )
            )
        }
        return result
    }

    /// For each block, the model with the most requests for it; the first of them where several have as many.
    private static func owners(in problem: SchedulingProblem) -> [Int] {
        var demand = [Int](repeating: 0, count: problem.server.models.count)
        for request in problem.requests { demand[request.model] += 1 }
        var owners = [Int](repeating: -1, count: problem.server.blocks.count)
        for (index, model) in problem.server.models.enumerated() {
            for block in model.blocks where owners[block] < 0 || demand[index] > demand[owners[block]] {
                owners[block] = index
            }
        }
        return owners
    }

    /// The batches of `schedule` on the server of `problem`; repaired where tight memory makes a shared block come later.
    private static func timed(_ schedule: LoadSchedule, _ problem: SchedulingProblem) -> LoadSchedule {
        let batches = schedule.batches.map { ScheduleBuilder.Batch(model: $0.model, requests: $0.requests) }
        if let timed = ScheduleBuilder.schedule(batches, unserved: schedule.unserved, of: problem) { return timed }
        let instance = SearchInstance(problem)
        var run = SearchRun(instance, bound: instance.servableWeight, seed: 0)
        run.begin(from: SearchPlan(schedule, instance))
        return run.schedule()
    }
}
