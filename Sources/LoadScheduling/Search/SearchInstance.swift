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
    let obstacles: [Int: LoadSchedule.UnservedReason]
    /// For each model of the problem, its slot; -1 for none.
    let slots: [Int]
    /// For each slot, the least share of the uplink a request of it can do with.
    let leastShare: [Double]
    let loads: SearchLoads
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

    init(_ problem: SchedulingProblem) {
        self.problem = problem
        let server = problem.server
        let sorted = SortedRequests(problem)
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
            let shares = list.map { index in
                let request = problem.requests[index]
                return request.uplinkWork > 0 ? request.uplinkWork / (request.deadline - model.seconds(1) - now) : 0
            }
            return shares.min() ?? 0
        }
        isChain = consecutive && !server.overlap
        loads = SearchLoads(sorted.models, of: problem)
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

/// The requests that can be served alone, by model.
private struct SortedRequests {
    var obstacles: [Int: LoadSchedule.UnservedReason] = [:]
    var slots: [Int]
    var models: [Int] = []
    var byDeadline: [[Int]] = []
    var byWorth: [[Int]] = []
    var weight = 0.0
    var count = 0

    init(_ problem: SchedulingProblem) {
        slots = Array(repeating: -1, count: problem.server.models.count)
        let pinned = problem.state.pinned
        var fits: [Int: Bool] = [:]
        for (index, request) in problem.requests.enumerated() {
            if let obstacle = problem.obstacleAlone(index) {
                obstacles[index] = obstacle
                continue
            }
            let fitsBesidePinned = pinned.isEmpty || Self.fits(request.model, problem, &fits)
            guard fitsBesidePinned else {
                obstacles[index] = .memory
                continue
            }
            add(index, request)
        }
        sort(problem.requests)
    }

    private static func fits(_ model: Int, _ problem: SchedulingProblem, _ known: inout [Int: Bool]) -> Bool {
        if let answer = known[model] { return answer }
        let together = Set(problem.state.pinned.indices).union(problem.server.models[model].blocks)
        let bytes = together.reduce(0) { $0 &+ problem.server.blocks[$1].bytes }
        known[model] = bytes <= problem.server.memoryBytes
        return bytes <= problem.server.memoryBytes
    }

    private mutating func add(_ index: Int, _ request: SchedulingProblem.Request) {
        if slots[request.model] < 0 {
            slots[request.model] = models.count
            models.append(request.model)
            byDeadline.append([])
        }
        byDeadline[slots[request.model]].append(index)
        weight += request.weight
        count += 1
    }

    private mutating func sort(_ requests: [SchedulingProblem.Request]) {
        for slot in byDeadline.indices {
            byDeadline[slot].sort { (requests[$0].deadline, $1) > (requests[$1].deadline, $0) }
            byWorth.append(
                byDeadline[slot].sorted {
                    let (first, second) = (requests[$0], requests[$1])
                    if first.weight != second.weight { return first.weight > second.weight }
                    if first.uplinkWork != second.uplinkWork { return first.uplinkWork < second.uplinkWork }
                    return (second.deadline, $0) < (first.deadline, $1)
                }
            )
        }
    }
}
