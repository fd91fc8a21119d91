/// A solver of the user-scheduling problem. Each says in its documentation what it is exact for and what it costs.
public protocol LoadScheduler: Sendable {
    /// The name it goes by: `greedy`, `backbone-dp` and so on.
    var name: String { get }

    /// Finds a feasible schedule; never traps, whatever a well-formed problem holds, and returns an empty one for an empty problem.
    func solve(_ problem: SchedulingProblem, limits: SchedulingLimits) -> SchedulingResult
}

/// When a solver is to stop early. Pure: the caller brings the clock.
public struct SchedulingLimits: Sendable {
    /// The most steps of the solver's own kind; nil for no limit.
    public var maximumIterations: Int?
    /// Asked at least every half millisecond: whether the budget is used up.
    public var isBudgetUsedUp: @Sendable () -> Bool
    /// Whether that part of the budget (0 to 1) is used up: for a solver that leaves the rest to another.
    public var isPartUsedUp: @Sendable (Double) -> Bool

    /// Makes limits; by default none. Without `isPartUsedUp`, a part is used up when all is.
    public init(
        maximumIterations: Int? = nil,
        isBudgetUsedUp: @escaping @Sendable () -> Bool = { false },
        isPartUsedUp: (@Sendable (Double) -> Bool)? = nil
    ) {
        self.maximumIterations = maximumIterations
        self.isPartUsedUp = isPartUsedUp ?? { _ in isBudgetUsedUp() }
        self.isBudgetUsedUp = isBudgetUsedUp
    }

    /// The same limits for a solver that gets a part of the budget.
    public func part(_ part: Double) -> SchedulingLimits {
        let isPartUsedUp = isPartUsedUp
        return SchedulingLimits(
            maximumIterations: maximumIterations,
            isBudgetUsedUp: { isPartUsedUp(part) },
            isPartUsedUp: { isPartUsedUp(part * $0) }
        )
    }

    /// No limits.
    public static var none: SchedulingLimits { SchedulingLimits() }
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
