import ServingCore

/// A problem made ready for search: the models that can serve somebody, by dense slot, and what moves ask for again and again.
///
/// Never changes; a class because every move reads it, and a struct of this size would be copied on the way.
final class SearchInstance: Sendable {
    struct Model: Sendable {
        /// Its index in the problem.
        var index: Int
        var base: Double
        var item: Double
        var maximumBatchSize: Int
        var bytes: Int

        /// Seconds a batch of `count` takes.
        func seconds(_ count: Int) -> Double { base + item * Double(count) }
    }

    let problem: SchedulingProblem
    let models: [Model]
    /// For each slot, the requests that can be served alone, the latest deadline first.
    let byDeadline: [[Int]]
    /// For each slot, the same, the most worth first: more weight, then less need of the uplink.
    let byWorth: [[Int]]
    /// For each request, what stands in its way even alone.
    let obstacles: [LoadSchedule.UnservedReason?]
    /// For each model of the problem, its slot; -1 for none.
    let slots: [Int]
    /// For each slot, the least share of the uplink a request of it can do with.
    let leastShare: [Double]
    let parts: SearchParts
    let loads: SearchLoads
    /// For each slot, whether a block of it is in the load in flight.
    let isLoading: [Bool]
    /// Whether a load depends on nothing but the batch before and nothing runs beside it: the paper's case.
    let isChain: Bool
    let capacity: Double
    /// Whether uploads take turns on the whole uplink.
    let hasTurns: Bool
    let now: Double
    /// When the executor is free at first.
    let executorStart: Double
    /// Seconds until the last deadline.
    let horizon: Double
    /// The weight of everything that can be served alone: an upper bound.
    let servableWeight: Double
    let meanWeight: Double

    /// Makes a problem ready without a budget.
    convenience init(_ problem: SchedulingProblem) {
        var budget = BudgetWatch(.none)
        self.init(problem, &budget)
    }

    /// Makes a problem ready; where the budget is used up on the way, without the tables that only make the search faster.
    init(_ problem: SchedulingProblem, _ budget: inout BudgetWatch) {
        self.problem = problem
        let server = problem.server
        let sorted = SearchRequests(problem, &budget)
        obstacles = sorted.obstacles
        slots = sorted.slots
        byDeadline = sorted.byDeadline
        byWorth = sorted.byWorth
        let consecutive = server.reuse == .consecutive
        models = sorted.models.map { index in
            let model = server.models[index]
            return Model(
                index: index,
                base: model.baseSeconds,
                item: model.itemSeconds,
                maximumBatchSize: model.maximumBatchSize,
                bytes: server.bytes(ofModel: index)
            )
        }
        let now = problem.state.now
        leastShare = zip(models, sorted.byDeadline).map { model, list in
            budget.spend(list.count)
            let shares = list.lazy.map { index in
                let request = problem.requests[index]
                return request.uplinkWork > 0 ? request.uplinkWork / (request.deadline - model.seconds(1) - now) : 0
            }
            return shares.min() ?? 0
        }
        let loading = problem.state.loading
        let isIdle = loading.isEmpty
        isLoading = sorted.models.map { !isIdle && server.models[$0].blockSet.intersects(loading) }
        isChain = consecutive && !server.overlap
        parts = SearchParts(sorted.models, of: problem, &budget)
        // Elsewhere loads depend on more than the batch before.
        loads = SearchLoads(parts, slots: consecutive ? sorted.models.count : 0, &budget)
        capacity = server.uplink.rawValue
        hasTurns = problem.hasVaryingShares
        self.now = now
        executorStart = max(problem.state.executorFree, now)
        let last = byDeadline.compactMap(\.first).map { problem.requests[$0].deadline }.max() ?? now
        horizon = max(last - now, 1e-9)
        servableWeight = sorted.weight
        meanWeight = max(sorted.weight / Double(max(sorted.count, 1)), 1e-12)
    }

    /// The most a schedule can serve given `bound`: where all weights are whole, so is what is served.
    func tightened(_ bound: Double?) -> Double {
        let bound = min(bound ?? .infinity, servableWeight)
        let isWhole = problem.requests.allSatisfy { $0.weight == $0.weight.rounded() }
        return isWhole ? (bound + 1e-6).rounded(.down) : bound
    }
}
