/// The last pass of ``ExhaustiveScheduler``: the orders and splits into batches of the best sets, on the real timeline.
struct ExhaustiveEnumeration {
    /// The best schedule so far.
    struct Best {
        var served = 0
        var batches: [ScheduleBuilder.Batch] = []
        var end = Double.infinity
        var bytes = Int.max
    }

    /// A list of batches under construction.
    private struct Prefix {
        var rest: Int
        var context: Int
        var executor: Double
        var loader: Double
        var bytes: Int
    }

    private(set) var best = Best()
    /// Why it stopped before its end; nil where it did not.
    private(set) var stopped: SchedulingStopReason?
    /// The weight of the set it was at when it stopped.
    private(set) var openWeight = 0.0
    private let instance: ExhaustiveInstance
    private let fronts: SuffixFronts
    private let limits: SchedulingLimits
    private let problem: SchedulingProblem
    private let ends: RemainingTime
    private var chosen: [ScheduleBuilder.Batch] = []
    private var outlines: [BatchOutline] = []
    private var timeline = ScheduleTimeline()
    private var target = 0
    private var steps = 0
    private var tieSteps = 0

    init(
        _ instance: ExhaustiveInstance,
        _ fronts: SuffixFronts,
        _ limits: SchedulingLimits,
        _ problem: SchedulingProblem
    ) {
        self.instance = instance
        self.fronts = fronts
        self.limits = limits
        self.problem = problem
        var watch = BudgetWatch(limits)
        watch.look()
        ends = RemainingTime(instance, &watch)
        watch.look()
    }

    /// Starts from a feasible schedule.
    mutating func begin(with schedule: LoadSchedule) {
        chosen = schedule.batches.map { ScheduleBuilder.Batch(model: $0.model, requests: $0.requests) }
        outlines = chosen.map { problem.outline(of: $0.requests, model: $0.model) }
        let served = Set(chosen.flatMap(\.requests))
        target = instance.requests.indices.reduce(0) { served.contains(instance.requests[$1]) ? $0 | 1 << $1 : $0 }
        evaluate()
        chosen = []
        outlines = []
    }

    /// Goes through the sets that can be served, the most valuable first, and among those the one that may end first.
    mutating func run() {
        var watch = BudgetWatch(limits)
        var sets: [(set: Int, weight: Double, end: Double)] = []
        for set in instance.weight.indices where set != 0 && fronts.isServable(set) {
            watch.spend(20)
            sets.append((set, instance.weight[set], ends.least(serving: set)))
        }
        watch.look()
        sets.sort { ($1.weight, $0.end, $0.set) < ($0.weight, $1.end, $1.set) }
        watch.look()
        for (set, weight, end) in sets {
            let isTie = weight == instance.weight[best.served]
            guard isTie || weight > instance.weight[best.served] else { return }
            if isTie, end > best.end + ExhaustiveInstance.tolerance { continue }
            target = set
            openWeight = weight
            if !isTie { tryFirst() }
            extend(
                Prefix(
                    rest: set,
                    context: instance.start,
                    executor: instance.executorFree,
                    loader: instance.loaderFree,
                    bytes: 0
                )
            )
            if stopped != nil || tieSteps > ExhaustiveScheduler.maximumSteps { return }
        }
    }

    /// Takes the one schedule of the target that the fronts name; only memory can make it infeasible.
    private mutating func tryFirst() {
        for (model, batch) in fronts.batches(serving: target) { push(batch, model) }
        if !chosen.isEmpty { evaluate() }
        chosen = []
        outlines = []
    }

    private mutating func push(_ batch: Int, _ model: Int) {
        let requests = instance.requests.indices.filter { batch & 1 << $0 != 0 }.map { instance.requests[$0] }
        chosen.append(ScheduleBuilder.Batch(model: instance.models[model], requests: requests))
        outlines.append(problem.outline(of: requests, model: instance.models[model]))
    }

    /// Whether schedules as valuable as `target` are already known, so that this is about ties only.
    private var isTie: Bool { instance.weight[best.served] >= instance.weight[target] }

    /// Tries every batch that may come next.
    private mutating func extend(_ prefix: Prefix) {
        guard prefix.rest != 0 else { return evaluate() }
        for model in instance.models.indices {
            let mine = prefix.rest & instance.members[model]
            var batch = mine
            while batch != 0 {
                if batch.nonzeroBitCount <= instance.maximumBatchSize[model] { append(batch, model, prefix) }
                if stopped != nil { return }
                batch = (batch - 1) & mine
            }
        }
    }

    private mutating func append(_ batch: Int, _ model: Int, _ prefix: Prefix) {
        guard countStep(), let next = following(batch, model, prefix), isPromising(next) else { return }
        push(batch, model)
        extend(next)
        chosen.removeLast()
        outlines.removeLast()
    }

    /// Where the server stands after one more batch at the earliest; nil where it or what is left cannot be in time.
    private func following(_ batch: Int, _ model: Int, _ prefix: Prefix) -> Prefix? {
        let load = instance.load[prefix.context][model]
        var next = prefix
        next.rest &= ~batch
        next.context = instance.next(prefix.context, model: model)
        next.bytes += load.bytes
        if instance.overlap, load.seconds > 0 {
            if load.waits { next.loader = max(next.loader, prefix.executor) }
            next.loader += load.seconds
        }
        let loaded = instance.overlap ? (load.seconds > 0 ? next.loader : 0) : prefix.executor + load.seconds
        let start = max(max(loaded, prefix.executor), instance.uploadEnd[batch])
        next.executor = start + instance.seconds[model][batch.nonzeroBitCount]
        guard next.executor <= instance.deadline[batch] else { return nil }
        let late = ExhaustiveInstance.tolerance
        let isServable = fronts.front(next.rest, next.context).contains {
            $0.executor >= next.executor - late && (!instance.overlap || $0.loader >= next.loader - late)
        }
        return isServable ? next : nil
    }

    private func isPromising(_ prefix: Prefix) -> Bool {
        guard isTie else { return true }
        let end = ends.least(after: prefix.executor, loader: prefix.loader, serving: prefix.rest, in: prefix.context)
        if end > best.end + ExhaustiveInstance.tolerance { return false }
        return end < best.end - ExhaustiveInstance.tolerance || prefix.bytes < best.bytes
    }

    /// Counts a step; false where a limit was reached.
    private mutating func countStep() -> Bool {
        steps += 1
        if isTie { tieSteps += 1 }
        if let maximum = limits.maximumIterations, steps > maximum { stopped = .iterationLimit }
        if steps & 15 == 0, limits.isBudgetUsedUp() { stopped = .budgetUsedUp }
        return stopped == nil && tieSteps <= ExhaustiveScheduler.maximumSteps
    }

    /// Takes the batches chosen where they are feasible and better than the best.
    private mutating func evaluate() {
        timeline.compute(outlines, of: problem)
        guard timeline.isFeasible, !isTie || isBetter else { return }
        best = Best(served: target, batches: chosen, end: timeline.end, bytes: timeline.loadedBytes)
    }

    private var isBetter: Bool {
        guard target != 0 || best.served != 0 else { return best.end == .infinity }
        if instance.weight[target] < instance.weight[best.served] { return false }
        if abs(timeline.end - best.end) > ExhaustiveInstance.tolerance { return timeline.end < best.end }
        return timeline.loadedBytes < best.bytes
    }
}
