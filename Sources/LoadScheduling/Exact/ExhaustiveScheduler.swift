/// The oracle: exact in every mode, for small instances.
///
/// Exact means: no ordered list of batches that ``ScheduleTimeline`` finds feasible serves more weight. Among those that serve
/// as much, it takes one that ends first, and among those one that loads the fewest bytes; that second part stops after
/// ``maximumSteps`` steps, the first never does but for the caller's limits.
///
/// Three passes. (1) For every set of requests and everything that may have run before it, the latest times and least shares
/// with which the set can still be served, as a Pareto front; of memory it sees what fits beside the last model. (2) The sets, the most
/// valuable first, each with the schedule its front names. Mostly the first has one, and the value is proved in milliseconds.
/// (3) All orders and splits into batches that the fronts allow, on the real timeline: to break ties, and where memory binds to
/// find out whether the set can be served at all. With tight memory and blocks that stay resident this may take seconds: give it limits.
///
/// Limits: at most ``maximumRequests`` requests that can be served alone, of at most ``maximumModels`` models. Beyond them it returns
/// what ``GreedyScheduler`` finds, with ``SchedulingBound`` as the bound and `isOptimal` false unless the two meet.
/// - Complexity: O(sum over sets of requests of the batches it can begin with, times contexts, times front), contexts being
///   models + 1 (consecutive), 2^models (retained) or models * 2^models (retained, memory tight); one single model of n requests is the worst, 3^n.
public struct ExhaustiveScheduler: LoadScheduler {
    /// The most requests (that can be served alone) it takes.
    public static let maximumRequests = 12
    /// The most models these may ask for.
    public static let maximumModels = 6
    /// The most batches it tries to break ties.
    public static let maximumSteps = 25_000

    /// Makes one.
    public init() {}

    /// `exhaustive`.
    public var name: String { "exhaustive" }

    /// Whether `problem` is small enough to be solved exactly.
    /// - Complexity: O(requests * blocks of a model).
    public static func isSmallEnough(_ problem: SchedulingProblem) -> Bool {
        var obstacles = AloneObstacles(problem)
        var models = Set<Int>()
        var servable = 0
        for request in problem.requests.indices where obstacles.obstacle(to: request) == nil {
            servable += 1
            models.insert(problem.requests[request].model)
            guard servable <= maximumRequests, models.count <= maximumModels else { return false }
        }
        return true
    }

    /// The optimum; the greedy schedule where the problem is too large, the best found where a limit was reached.
    public func solve(_ problem: SchedulingProblem, limits: SchedulingLimits) -> SchedulingResult {
        guard Self.isSmallEnough(problem) else {
            var greedy = GreedyScheduler().solve(problem, limits: limits)
            tighten(&greedy, problem, limits)
            return greedy
        }
        // The better the schedule to begin with, the fewer fronts are worth keeping.
        var quick = limits
        quick.maximumIterations = 100
        var start = SearchScheduler().solve(problem, limits: quick)
        let instance = ExhaustiveInstance(problem)
        // What it serves is served; where that is everything only ties are open, and for those time alone guides well enough.
        let target = problem.weight(of: start.schedule)
        let hasAll = target >= instance.weight[instance.everything]
        guard let fronts = SuffixFronts(instance, limits: limits, target: target, ignoringUplink: hasAll) else {
            start.stopReason = .budgetUsedUp
            return start
        }
        var enumeration = ExhaustiveEnumeration(instance, fronts, limits, problem)
        enumeration.begin(with: start.schedule)
        enumeration.run()
        return result(enumeration, instance, problem)
    }

    private func tighten(_ greedy: inout SchedulingResult, _ problem: SchedulingProblem, _ limits: SchedulingLimits) {
        let bound = min(SchedulingBound.upperBound(of: problem, limits: limits), greedy.upperBound ?? .infinity)
        greedy.upperBound = bound
        greedy.isOptimal = problem.weight(of: greedy.schedule) >= bound
        if greedy.isOptimal { greedy.stopReason = .upperBoundReached }
    }

    private func result(
        _ enumeration: ExhaustiveEnumeration,
        _ instance: ExhaustiveInstance,
        _ problem: SchedulingProblem
    ) -> SchedulingResult {
        let served = enumeration.best.served
        var schedule = ScheduleBuilder.schedule(enumeration.best.batches, of: problem)
        let unserved = SearchRun.reasons(of: schedule ?? LoadSchedule(), in: problem)
        schedule?.unserved = unserved
        let all = instance.weight[instance.everything]
        let bound = enumeration.stopped == nil ? instance.weight[served] : min(enumeration.openWeight, all)
        let isOptimal = schedule != nil && instance.weight[served] >= bound
        return SchedulingResult(
            schedule: schedule ?? LoadSchedule(shares: [], unserved: unserved),
            stopReason: instance.weight[served] >= all ? .upperBoundReached : enumeration.stopped ?? .completed,
            isOptimal: isOptimal,
            upperBound: bound
        )
    }
}

extension SchedulingProblem {
    /// The weight of all requests a schedule serves.
    func weight(of schedule: LoadSchedule) -> Double {
        schedule.batches.reduce(0) { $1.requests.reduce($0) { $0 + requests[$1].weight } }
    }
}
