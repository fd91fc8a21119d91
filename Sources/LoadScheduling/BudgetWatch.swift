/// When a solver is to stop: asks the clock once per some work, so that asking costs next to nothing.
struct BudgetWatch: Sendable {
    /// Whether the time is used up but for ``reserve``; stays so once it is.
    private(set) var isUsedUp = false
    /// Seconds of the budget that are kept for what has to be done when it is used up.
    var reserve = 0.0
    private let limits: SchedulingLimits
    private var work = 0

    /// Steps of some nanoseconds between two looks at the clock: far under half a millisecond.
    private static let workBetweenLooks = 1500

    init(_ limits: SchedulingLimits) {
        self.limits = limits
    }

    /// Seconds that are left of the budget; infinite where there is none.
    var secondsLeft: Double { limits.secondsLeft() }

    /// Counts work and looks at the clock when enough was done.
    mutating func spend(_ steps: Int) {
        work &+= steps
        guard work >= Self.workBetweenLooks else { return }
        look()
    }

    /// Looks at the clock.
    mutating func look() {
        work = 0
        if limits.secondsLeft() <= reserve { isUsedUp = true }
    }
}
