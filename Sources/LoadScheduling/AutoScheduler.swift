/// Picks the solver: one that is exact where it applies, else ``SearchScheduler`` on the best of the others.
///
/// Which solvers are exact for which problems, and what bounds a problem from above, the caller says, so that each is tried
/// where it is cheap; each has four fifths of the budget. What an exact solver found without proof becomes a start of the search; so the result is never worse
/// than that of any solver named here.
/// - Complexity: that of the solver picked.
public struct AutoScheduler: LoadScheduler {
    /// A solver, and for which problems it is exact and cheap.
    public struct Candidate: Sendable {
        /// The solver.
        public var scheduler: any LoadScheduler
        /// Whether it is exact and cheap for a problem; must be cheap itself.
        public var applies: @Sendable (SchedulingProblem) -> Bool

        /// Makes a candidate.
        public init(_ scheduler: any LoadScheduler, applies: @escaping @Sendable (SchedulingProblem) -> Bool) {
            self.scheduler = scheduler
            self.applies = applies
        }
    }

    /// The part of the budget by the end of which an exact solver must have its proof; the search gets the rest.
    private static let partForProof = 0.8

    /// The exact solvers, the one to try first in front.
    public var exact: [Candidate]
    /// The search where none of them proves its result.
    public var search: SearchScheduler

    /// Makes one.
    public init(
        exact: [Candidate] = [],
        starters: [any LoadScheduler] = [GreedyScheduler()],
        seed: UInt64 = 1,
        bound: @escaping @Sendable (SchedulingProblem, SchedulingLimits) -> Double? = { _, _ in nil }
    ) {
        self.exact = exact
        search = SearchScheduler(seed: seed, starters: starters, bound: bound)
    }

    /// `auto`.
    public var name: String { "auto" }

    /// The result of the first exact solver that applies and proves it, else the search's.
    public func solve(_ problem: SchedulingProblem, limits: SchedulingLimits) -> SchedulingResult {
        var schedules: [LoadSchedule] = []
        var bound = Double.infinity
        for candidate in exact where candidate.applies(problem) {
            let result = candidate.scheduler.solve(problem, limits: limits.part(Self.partForProof))
            if result.isOptimal { return result }
            schedules.append(result.schedule)
            bound = min(bound, result.upperBound ?? .infinity)
        }
        var search = search
        let (other, known) = (search.bound, bound)
        search.bound = { min(other($0, $1) ?? .infinity, known) }
        return search.solve(problem, limits: limits, from: schedules)
    }
}
