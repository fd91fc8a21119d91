/// One search under way: ruin and recreate under simulated annealing.
///
/// Each iteration takes some batches or requests out of the current plan, or changes its order, and puts unserved requests
/// back in where they fit (Schrimpf et al., Record breaking optimization results using the ruin and recreate principle, 2000;
/// the strings and blinks are those of Christiaens and Vanden Berghe, Slack induction by string removals, 2020).
struct SearchRun: Sendable {
    let instance: SearchInstance
    let sharing: SearchSharing
    /// The most weight any schedule can serve, as far as known.
    var bound: Double
    var random: SearchRandom
    var budget: BudgetWatch
    /// The plan being changed, and its times.
    var plan: SearchPlan
    var times = SearchTimes()
    var pool = SearchPool()
    var estimates: [Double] = []
    var saved: [Double] = []
    var touched: [Int] = []
    /// With which probability a request is left out at first in this iteration.
    var requestSkips = 0.0
    /// Whether times are to be exact outside the paper's case.
    private(set) var isExact = false
    private var current: SearchPlan
    private var currentEnergy = Double.infinity
    private(set) var best: SearchPlan
    private(set) var bestScore = SearchScore(weight: 0, end: 0, bytes: 0)
    private(set) var iterations = 0
    /// With so many batches in the best plan at most, the budget's reserve suffices for the result.
    private var batchesReckonedWith = 0
    /// The best plan as a schedule, where that has been made.
    private(set) var built: LoadSchedule?

    init(_ instance: SearchInstance, bound: Double, seed: UInt64, budget: BudgetWatch = BudgetWatch(.none)) {
        self.instance = instance
        self.bound = bound
        self.budget = budget
        sharing = SearchSharing(instance, &self.budget)
        random = SearchRandom(seed: seed)
        plan = SearchPlan(instance)
        current = plan
        best = plan
        times.compute(plan, instance)
        bestScore = SearchScore(weight: 0, end: times.end, bytes: 0)
    }

    /// What is kept of the budget for a result, over what it took to build one.
    private static let reserveOverMeasured = 1.25

    /// Whether nothing better exists.
    var isAtBound: Bool { best.weight >= bound - 1e-9 * max(1, bound) }

    /// Takes `start` in as a plan to go on from; it is repaired where it is not feasible.
    ///
    /// Exact times, as a draft may refuse what another solver made; not `exact` where that takes too long for a first schedule.
    mutating func begin(from start: SearchPlan, exact: Bool = true) {
        isExact = exact
        defer { isExact = false }
        plan = start
        guard settle() else { return }
        keepIfBest()
        let energy = energy
        guard energy < currentEnergy else { return }
        current = plan
        currentEnergy = energy
    }

    /// Begins from the plan that is quickest to make.
    mutating func beginQuickly() {
        var quick = QuickStart(instance, sharing, &budget)
        begin(from: quick.fill(&budget), exact: false)
    }

    /// Keeps as much of the budget as it takes to build the result of the best plan, by building it once.
    mutating func reserveForResult() {
        batchesReckonedWith = max(best.batches.count * 5 / 4, 8)
        let before = budget.secondsLeft
        guard before.isFinite, !budget.isUsedUp else { return }
        var copy = self
        built = copy.schedule()
        budget.look()
        let taken = before - budget.secondsLeft
        budget.reserve = max(budget.reserve, taken * Self.reserveOverMeasured)
    }

    /// Searches until the bound, the budget or `maximum` iterations are reached.
    mutating func improve(_ maximum: Int) -> SchedulingStopReason {
        var length = 2000
        while true {
            for step in 0..<length {
                if isAtBound { return .upperBoundReached }
                if iterations >= maximum { return .iterationLimit }
                budget.spend(100)
                if budget.isUsedUp { return .budgetUsedUp }
                if best.batches.count > batchesReckonedWith { reserveForResult() }
                if !instance.isChain, iterations % 128 == 64 { polish() }
                iterate(temperature: Self.temperature(at: Double(step) / Double(length)))
            }
            length = min(length * 2, 64_000)
            current = best
            plan = best
            compute()
            currentEnergy = energy
        }
    }

    /// Cools from one request to a fiftieth; the search cools anew with twice the steps, as it does not know its budget.
    private static func temperature(at progress: Double) -> Double {
        let left = 1 - progress
        return left * left + 0.02
    }

    private mutating func iterate(temperature: Double) {
        iterations += 1
        plan = current
        compute()
        guard ruin() else { return }
        recreate()
        keepIfBest()
        let energy = energy
        guard energy <= currentEnergy + temperature * random.exponential() else { return }
        current = plan
        currentEnergy = energy
    }

    /// Served requests, smoothed by how much time and uplink they leave; less is better.
    private var energy: Double {
        let uplink = instance.capacity.isFinite && instance.capacity > 0 ? times.share / instance.capacity : 0
        return -plan.weight / instance.meanWeight + 0.5 * uplink + (times.end - instance.now) / instance.horizon
    }

    private mutating func keepIfBest() {
        guard plan.weight >= best.weight - 1e-9 * max(1, best.weight), times.isFeasible(instance) else { return }
        let isMore = plan.weight > best.weight + 1e-9 * max(1, best.weight)
        guard isMore || times.end <= bestScore.end + 1e-9 else { return }
        let score = SearchScore(weight: plan.weight, end: times.end, bytes: times.loadedBytes(plan, instance))
        guard score.isBetter(than: bestScore) else { return }
        if instance.isChain { keep(score) } else { confirm() }
    }

    private mutating func keep(_ score: SearchScore) {
        best = plan
        bestScore = score
        built = nil
    }

    /// Outside the paper's case the timeline has the last word: the plan is settled by its times and kept if it is still better.
    private mutating func confirm() {
        let wasExact = isExact
        isExact = true
        defer { isExact = wasExact }
        guard settle() else { return }
        let score = SearchScore(weight: plan.weight, end: times.end, bytes: times.loadedBytes(plan, instance))
        if score.isBetter(than: bestScore), isBuildable { keep(score) }
    }

    /// Fills up the best plan with exact times, which leave more room than a draft's.
    private mutating func polish() {
        isExact = true
        plan = best
        compute()
        recreate()
        keepIfBest()
        isExact = false
    }

    /// Waiting for uploads may change when memory is free, which only the full timeline knows.
    private var isBuildable: Bool { ScheduleBuilder.isFeasible(plan.parts(instance), of: instance.problem) }
}
