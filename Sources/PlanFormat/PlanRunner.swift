public import LoadScheduling
public import ServingCore

/// Runs a solver on an instance within a time budget.
public enum PlanRunner {
    /// Solves, measures, and in debug builds checks the schedule with ``ScheduleValidator``.
    ///
    /// `budget` nil is no limit; `now` is the clock, asked by the solver as often as it checks its budget.
    public static func run(
        _ solver: any LoadScheduler,
        on plan: InstancePlan,
        budget: Duration?,
        now: @escaping @Sendable () -> MonotonicInstant
    ) -> PlanReport {
        let start = now()
        let result = solver.solve(plan.problem, limits: limits(from: start, budget, now))
        let duration = start.duration(to: now())
        assert(
            ScheduleValidator.violations(of: result.schedule, in: plan.problem).isEmpty,
            "\(solver.name) made a schedule that breaks the rules: "
                + ScheduleValidator.violations(of: result.schedule, in: plan.problem).joined(separator: "; ")
        )
        return PlanReport(plan: plan, solver: solver.name, result: result, duration: duration)
    }

    private static func limits(
        from start: MonotonicInstant,
        _ budget: Duration?,
        _ now: @escaping @Sendable () -> MonotonicInstant
    ) -> SchedulingLimits {
        guard let budget else { return .none }
        let end = start.advanced(by: budget)
        return SchedulingLimits(budgetSeconds: budget.inSeconds) { now().duration(to: end).inSeconds }
    }
}
