/// When a solver is to stop early. Pure: the caller brings the clock.
public struct SchedulingLimits: Sendable {
    /// The most steps of the solver's own kind; nil for no limit.
    public var maximumIterations: Int?
    /// Seconds of the whole budget; infinite where there is none, or the caller says only whether it is used up.
    public var budgetSeconds: Double
    /// Asked at least every half millisecond: seconds of the budget that are left, none or fewer where it is used up.
    public var secondsLeft: @Sendable () -> Double

    /// Makes limits of `budgetSeconds`, of which `secondsLeft` says how many are left.
    public init(maximumIterations: Int? = nil, budgetSeconds: Double, secondsLeft: @escaping @Sendable () -> Double) {
        self.maximumIterations = maximumIterations
        self.budgetSeconds = budgetSeconds
        self.secondsLeft = secondsLeft
    }

    /// Makes limits; by default none. Of a budget only told whether it is used up no part can be given away or kept.
    public init(maximumIterations: Int? = nil, isBudgetUsedUp: @escaping @Sendable () -> Bool = { false }) {
        self.init(maximumIterations: maximumIterations, budgetSeconds: .infinity) {
            isBudgetUsedUp() ? 0 : .infinity
        }
    }

    /// Whether the budget is used up.
    public func isBudgetUsedUp() -> Bool { secondsLeft() <= 0 }

    /// The same limits for a solver that gets a part (0 to 1) of the budget.
    public func part(_ part: Double) -> SchedulingLimits {
        guard budgetSeconds.isFinite else { return self }
        return keeping(budgetSeconds * (1 - part))
    }

    /// The same limits for a solver that is to leave `seconds` of the budget.
    public func keeping(_ seconds: Double) -> SchedulingLimits {
        let secondsLeft = secondsLeft
        return SchedulingLimits(maximumIterations: maximumIterations, budgetSeconds: budgetSeconds - seconds) {
            secondsLeft() - seconds
        }
    }

    /// No limits.
    public static var none: SchedulingLimits { SchedulingLimits() }
}
