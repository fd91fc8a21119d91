import Dispatching
import LoadScheduling
import ServingCore

/// What loads, batches and plans take.
extension RollingSimulation {
    private mutating func withJitter(_ seconds: Double) -> Double {
        guard settings.jitter > 0 else { return seconds }
        return seconds * (1 + .random(in: -settings.jitter...settings.jitter, using: &random))
    }

    /// Seconds a batch takes, and how many requests each tensor run of it holds.
    mutating func batchSeconds(_ order: BatchOrder) -> (seconds: Double, sizes: [Int]) {
        let index = arrival(of: order.requests[0]).model
        let compute = server.computes[index]
        let count = order.requests.count
        let sizes = server.catalog.models[index].isBatchable ? [count] : Array(repeating: 1, count: count)
        let seconds = compute.baseSeconds * Double(sizes.count) + compute.itemSeconds * Double(count)
        return (withJitter(seconds), sizes)
    }

    mutating func load(_ order: LoadOrder) {
        var seconds = 0.0
        var blocks: [BlockID: LoadResult.Outcome] = [:]
        for block in order.load {
            let each = withJitter(server.loadSeconds[block.id] ?? 0)
            seconds += each
            blocks[block.id] = .loaded(Self.duration(each), size: block.size)
        }
        outcome.loaderSeconds += seconds
        schedule(.dispatch(.loadFinished(LoadResult(order: order.id, blocks: blocks))), at: now + seconds)
    }

    mutating func plan(_ task: PlanningTask) {
        guard let planner = settings.planner else { return }
        outcome.plans += 1
        let limits = SchedulingLimits(maximumIterations: planner.iterations)
        let result = planner.scheduler.solve(task.problem, limits: limits)
        schedule(.dispatch(.planned(PlanningResult(task: task, schedule: result.schedule))), at: now + planner.seconds)
    }
}
