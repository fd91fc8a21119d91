/// When the search is to stop: asks the clock once per some work, so that asking costs next to nothing.
struct SearchBudget: Sendable {
    /// Whether the time is used up; stays so once it is.
    private(set) var isUsedUp = false
    private let limits: SchedulingLimits
    private var work = 0

    /// Steps of some nanoseconds between two looks at the clock: far under half a millisecond.
    private static let workBetweenLooks = 1500

    init(_ limits: SchedulingLimits) {
        self.limits = limits
    }

    /// Counts work and looks at the clock when enough was done.
    mutating func spend(_ steps: Int) {
        work += steps
        guard work >= Self.workBetweenLooks else { return }
        look()
    }

    /// Looks at the clock.
    mutating func look() {
        work = 0
        if !isUsedUp { isUsedUp = limits.isBudgetUsedUp() }
    }
}
