internal import Dispatching
internal import LoadScheduling
internal import ServingCore

/// Looks for a better order on the planner's thread.
struct Planner: Sendable {
    let core: GatewayCore

    /// Solves one snapshot and hands the result to the dispatcher, which takes it if it is still better.
    func solve(_ task: PlanningTask) {
        let start = core.clock()
        let result = GreedyScheduler().solve(task.problem)
        core.metrics.planDurations.observe(start.duration(to: core.clock()))
        core.loop.handle(.planned(PlanningResult(task: task, schedule: result.schedule)))
    }
}
