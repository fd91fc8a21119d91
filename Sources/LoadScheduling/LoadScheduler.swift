/// A solver of the user-scheduling problem. Each says in its documentation what it is exact for and what it costs.
public protocol LoadScheduler: Sendable {
    /// The name it goes by: `greedy`, `backbone-dp` and so on.
    var name: String { get }

    /// Finds a feasible schedule; never traps, whatever a well-formed problem holds, and returns an empty one for an empty problem.
    func solve(_ problem: SchedulingProblem, limits: SchedulingLimits) -> SchedulingResult
}

/// Why a solver stopped.
public enum SchedulingStopReason: String, Hashable, Sendable, CaseIterable {
    /// Its method came to its end.
    case completed
    /// Everything that can be served is served: nothing better exists.
    case upperBoundReached = "upper_bound_reached"
    /// Its time budget was used up.
    case budgetUsedUp = "budget_used_up"
    /// Its iteration limit was reached.
    case iterationLimit = "iteration_limit"
}

/// What a solver found.
public struct SchedulingResult: Hashable, Sendable {
    /// The schedule, feasible.
    public var schedule: LoadSchedule
    /// Why the solver stopped.
    public var stopReason: SchedulingStopReason
    /// Whether no schedule serves more (weight); false where that is not proved.
    public var isOptimal: Bool
    /// The most requests (weight) any schedule can serve, as far as known; nil where nothing is known.
    public var upperBound: Double?

    /// Makes a result.
    public init(
        schedule: LoadSchedule,
        stopReason: SchedulingStopReason,
        isOptimal: Bool,
        upperBound: Double?
    ) {
        self.schedule = schedule
        self.stopReason = stopReason
        self.isOptimal = isOptimal
        self.upperBound = upperBound
    }
}
