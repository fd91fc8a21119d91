internal import Dispatching
internal import LoadScheduling
internal import MetricsExposition
internal import ServingCore

/// Looks for a better order on the planner's thread, so that no request waits for a solver.
struct Planner: Sendable {
    let core: GatewayCore
    let scheduler: any LoadScheduler

    /// Solves one snapshot and hands the result to the dispatcher, which takes it if it is still better.
    func solve(_ task: PlanningTask) {
        let (start, startOfWork) = (core.clock(), ThreadClock.now())
        let budget = core.configuration.scheduling.planningBudget
        let deadline = start.advanced(by: budget)
        let limits = SchedulingLimits(budgetSeconds: budget.inSeconds) { [clock = core.clock] in
            clock().duration(to: deadline).inSeconds
        }
        let result = scheduler.solve(task.problem, limits: limits)
        core.metrics.planDurations.observe(start.duration(to: core.clock()))
        let work = ThreadClock.now() - startOfWork
        core.loop.handle(.planned(PlanningResult(task: task, schedule: result.schedule, work: work)))
    }
}
