/// Anytime improvement on the best of other solvers, beyond the paper: ruin and recreate under simulated annealing.
///
/// Batches are inserted, removed, moved, swapped, merged and split, requests are taken out and put back; every plan it keeps is
/// feasible, so it can stop at any time and is never worse than what it started from. It is deterministic for a seed and a
/// number of iterations. The budget is looked at at least every half millisecond, from preparing to building the result. What building takes is
/// measured on the first schedule and kept of the budget, so that no more than half a millisecond is overrun; but for a budget shorter
/// than a first schedule takes: 2.2 ms with 10,000 requests (`PlanningBenchmark --only budget`).
/// It proves nothing by itself: its result is called optimal only where it reaches the upper bound.
/// - Complexity: an iteration tries O(models * batches) places; in the paper's case (consecutive reuse, no overlap) each takes a
///   few nanoseconds, and a change O(batches); elsewhere a change costs what ``ScheduleTimeline`` does. O(models^2) to prepare.
public struct SearchScheduler: LoadScheduler {
    /// The seed of its random numbers.
    public var seed: UInt64
    /// The most iterations where the limits name none.
    public var defaultIterations: Int
    /// The solvers whose schedules it starts from, in this order.
    public var starters: [any LoadScheduler]
    /// An upper bound on the weight any schedule can serve, found within limits; nil where none is known.
    public var bound: @Sendable (SchedulingProblem, SchedulingLimits) -> Double?

    /// Makes one that starts from ``GreedyScheduler``.
    public init(
        seed: UInt64 = 1,
        defaultIterations: Int = 20_000,
        starters: [any LoadScheduler] = [GreedyScheduler()],
        bound: @escaping @Sendable (SchedulingProblem, SchedulingLimits) -> Double? = { _, _ in nil }
    ) {
        self.seed = seed
        self.defaultIterations = defaultIterations
        self.starters = starters
        self.bound = bound
    }

    /// With more requests it starts from a quick schedule of its own alone.
    private static let manyRequests = 2000

    /// `search`.
    public var name: String { "search" }

    /// Searches until the limits or the upper bound are reached.
    public func solve(_ problem: SchedulingProblem, limits: SchedulingLimits) -> SchedulingResult {
        solve(problem, limits: limits, from: [])
    }

    /// Searches from the best of `schedules` and what the starters find; schedules that are not feasible are repaired.
    public func solve(
        _ problem: SchedulingProblem,
        limits: SchedulingLimits,
        from schedules: [LoadSchedule]
    ) -> SchedulingResult {
        var run = start(problem, limits, schedules)
        var reason = run.isAtBound ? SchedulingStopReason.upperBoundReached : .budgetUsedUp
        if !run.isAtBound, !run.budget.isUsedUp {
            reason = run.improve(limits.maximumIterations ?? defaultIterations)
        }
        return SchedulingResult(
            schedule: run.schedule(),
            stopReason: reason,
            isOptimal: run.isAtBound,
            upperBound: run.bound
        )
    }

    /// A run that has begun from every start there is.
    private func start(
        _ problem: SchedulingProblem,
        _ limits: SchedulingLimits,
        _ schedules: [LoadSchedule]
    ) -> SearchRun {
        var budget = BudgetWatch(limits)
        let before = budget.secondsLeft
        let instance = SearchInstance(problem, &budget)
        // Until a result was built, preparing tells best how long that takes.
        if before.isFinite { budget.reserve = max(before - budget.secondsLeft, 0) }
        var run = SearchRun(instance, bound: instance.tightened(nil), seed: seed, budget: budget)
        run.beginQuickly()
        run.budget.look()
        for schedule in schedules { run.begin(from: SearchPlan(schedule, instance)) }
        run.reserveForResult()
        // What others do has to leave time for a result of theirs, too.
        var others = limits.keeping(2 * run.budget.reserve)
        others.maximumIterations = nil
        run.budget.look()
        // The bound may take longer than a first schedule is to take.
        if !run.budget.isUsedUp { run.bound = instance.tightened(bound(problem, others)) }
        // Each takes as long as many iterations where requests are many, and the quick start is ahead of all of them there.
        let starters = problem.requests.count > Self.manyRequests ? [] : starters
        for starter in starters {
            run.budget.look()
            if run.isAtBound || run.budget.isUsedUp { break }
            run.begin(from: SearchPlan(starter.solve(problem, limits: others).schedule, instance))
        }
        return run
    }
}
