import ServingCore

/// One run of ``BackboneDynamicProgramScheduler``: time alone first, then, if need be, with the uplink.
struct BackboneRun {
    private let problem: SchedulingProblem
    private let instance: BackboneInstance
    private let limits: SchedulingLimits
    private var watch: BudgetWatch
    private var isOutOfBudget = false

    init(_ problem: SchedulingProblem, _ instance: BackboneInstance, _ limits: SchedulingLimits) {
        self.problem = problem
        self.instance = instance
        self.limits = limits
        watch = BudgetWatch(limits)
    }

    mutating func result(frontWidth: Int) -> SchedulingResult {
        let byTime = best(countsUplink: false, width: 1)
        let most = isOutOfBudget ? instance.requestCount : byTime.served
        if !isOutOfBudget, let schedule = schedule(byTime) { return result(schedule, most: most) }
        var found = GreedyScheduler().solve(problem, limits: limits).schedule
        if !isOutOfBudget {
            let withUplink = best(countsUplink: true, width: frontWidth)
            if withUplink.served > found.servedCount, let schedule = schedule(withUplink) { found = schedule }
        }
        return result(found, most: most)
    }

    /// The best over every choice of the model that runs first on what is resident.
    private mutating func best(countsUplink: Bool, width: Int) -> BackboneFronts.Best {
        let order = order()
        var fronts = BackboneFronts(instance, countsUplink: countsUplink, width: width)
        var best = BackboneFronts.Best()
        for first in [nil] + firsts() {
            let found = fronts.run(reordered(order, first), first: first?.model, &watch)
            guard let found else {
                isOutOfBudget = true
                return best
            }
            if (found.served, found.executor) > (best.served, best.executor) { best = found }
        }
        return best
    }

    /// The models that load less than others of their cluster would if they run first.
    private func firsts() -> [(cluster: Int, model: Int)?] {
        instance.clusters.indices.flatMap { cluster in
            let backbone = instance.clusters[cluster].backboneSeconds
            return instance.clusters[cluster].models.indices
                .filter {
                    let model = instance.clusters[cluster].models[$0]
                    return model.firstSeconds < model.ownSeconds + backbone - 1e-12
                }
                .map { (cluster, $0) }
        }
    }

    /// Clusters and their models, the last to run first: what needs much of the uplink per second runs late.
    private func order() -> [(cluster: Int, models: [Int])] {
        func density(_ model: BackboneInstance.Model) -> (work: Double, seconds: Double) {
            let count = model.requests.count
            return (model.work[count], model.seconds[count] + model.ownSeconds)
        }
        func ratio(_ value: (work: Double, seconds: Double)) -> Double { value.work / max(value.seconds, 1e-9) }
        let clusters = instance.clusters.indices.map { cluster in
            let sum = instance.clusters[cluster].models.reduce((0.0, instance.clusters[cluster].backboneSeconds)) {
                ($0.0 + density($1).work, $0.1 + density($1).seconds)
            }
            return (cluster: cluster, ratio: ratio((sum.0, sum.1)))
        }
        return clusters.sorted { ($0.ratio, $1.cluster) > ($1.ratio, $0.cluster) }.map { entry in
            let models = instance.clusters[entry.cluster].models
            let ratios = models.map { ratio(density($0)) }
            return (entry.cluster, models.indices.sorted { (ratios[$0], $1) > (ratios[$1], $0) })
        }
    }

    private func reordered(
        _ order: [(cluster: Int, models: [Int])],
        _ first: (cluster: Int, model: Int)?
    ) -> [(cluster: Int, models: [Int])] {
        guard let first else { return order }
        return order.filter { $0.cluster != first.cluster } + order.filter { $0.cluster == first.cluster }
    }

    /// The schedule of the chosen counts; nil where the uplink does not suffice.
    private func schedule(_ best: BackboneFronts.Best) -> LoadSchedule? {
        let batches = best.batches.map { batch in
            let model = instance.clusters[batch.cluster].models[batch.model]
            return ScheduleBuilder.Batch(model: model.model, requests: Array(model.requests.prefix(batch.count)))
        }
        return ScheduleBuilder.schedule(batches, of: problem)
    }

    private func result(_ schedule: LoadSchedule, most: Int) -> SchedulingResult {
        var schedule = schedule
        let served = Set(schedule.batches.flatMap(\.requests))
        let binding: LoadSchedule.UnservedReason = served.count < most ? .uplink : .deadline
        for request in problem.requests.indices where !served.contains(request) {
            schedule.unserved[request] = problem.obstacleAlone(request) ?? reason(request, binding)
        }
        var bound = Double(most) * instance.weight
        if served.count < most { bound = min(bound, SchedulingBound.upperBound(of: problem, limits: limits)) }
        let isOptimal = Double(served.count) * instance.weight >= bound
        let reason: SchedulingStopReason = isOutOfBudget ? .budgetUsedUp : .completed
        return SchedulingResult(
            schedule: schedule,
            stopReason: isOptimal && served.count == most ? .upperBoundReached : reason,
            isOptimal: isOptimal,
            upperBound: bound
        )
    }

    private func reason(_ request: Int, _ binding: LoadSchedule.UnservedReason) -> LoadSchedule.UnservedReason {
        var together = problem.state.pinned
        together.formUnion(problem.server.models[problem.requests[request].model].blockSet)
        return problem.server.bytes(of: together) > problem.server.memoryBytes ? .memory : binding
    }
}
