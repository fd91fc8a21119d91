import ServingCore

/// A small problem with sets of requests as bit masks: what ``ExhaustiveScheduler`` asks again and again, in tables.
///
/// Never changes; a class because the innermost loops read it, and a struct of this size would be copied on the way.
final class ExhaustiveInstance: Sendable {
    /// The requests that can be served alone: number here to index in the problem.
    let requests: [Int]
    /// The models they ask for: number here to index in the problem.
    let models: [Int]
    /// For each model, its requests as a mask.
    let members: [Int]
    /// For each mask: the sum of weights.
    let weight: [Double]
    /// For each mask: the earliest deadline, with the rounding a timeline allows.
    let deadline: [Double]
    /// For each mask: when its last unpaced upload ends.
    let uploadEnd: [Double]
    /// For each mask: D_k / e_k summed up.
    let work: [Double]
    /// For each mask: the models it asks for, as a mask of models.
    let modelsOf: [Int]
    /// For each request, those of its model that never need to run in a later batch than it: see ``mayPrecede(_:_:)``.
    private let sooner: [Int]
    /// For each context and model, what the load takes at least; see ``next(_:model:)`` for contexts.
    let load: [[ExhaustiveLoads.Load]]
    /// For each model, seconds of a batch by its size.
    let seconds: [[Double]]
    /// For each model, the most requests of a batch.
    let maximumBatchSize: [Int]
    let isConsecutive: Bool
    /// Whether a context names the last model beside all so far: with retained reuse, where not everything fits in memory.
    private let namesLast: Bool
    let overlap: Bool
    let now: Double
    /// When the executor and the loader are free.
    let executorFree: Double
    let loaderFree: Double
    /// W, with the rounding a timeline allows.
    let uplink: Double
    /// Whether uploads take turns on the whole uplink.
    let hasTurns: Bool
    /// What a timeline does not count as late.
    static let tolerance = 1e-9

    /// The mask of all requests.
    var everything: Int { weight.count - 1 }
    /// The context before the first batch.
    var start: Int { isConsecutive ? models.count : 0 }
    /// For each context, the models that must have run before it, as a mask.
    let behind: [Int]
    /// How many contexts there are.
    var contexts: Int { load.count }

    init(_ problem: SchedulingProblem) {
        let servable = problem.servableAlone
        requests = servable
        let used = Set(servable.map { problem.requests[$0].model }).sorted()
        models = used
        members = used.map { model in
            servable.indices.reduce(0) { problem.requests[servable[$1]].model == model ? $0 | 1 << $1 : $0 }
        }
        let all = servable.map { problem.requests[$0] }
        weight = Self.table(all, 0) { $0 + $1.weight }
        deadline = Self.table(all, .infinity) { min($0, $1.deadline + Self.tolerance) }
        uploadEnd = Self.table(all, -.infinity) { max($0, $1.uploadEnd) }
        work = Self.table(all, 0) { $0 + $1.uplinkWork }
        modelsOf = Self.table(all, 0) { $0 | 1 << (used.firstIndex(of: $1.model) ?? 0) }
        sooner = all.indices.map { request in
            all.indices.reduce(0) { Self.runsSooner(all, $1, than: request) ? $0 | 1 << $1 : $0 }
        }
        let server = problem.server
        isConsecutive = server.reuse == .consecutive
        overlap = server.overlap
        now = problem.state.now
        executorFree = max(problem.state.executorFree, now)
        loaderFree = max(problem.state.loaderFree, now)
        uplink = server.uplink.rawValue * (1 + 1e-12)
        hasTurns = problem.hasVaryingShares
        seconds = used.map { model in (0...servable.count).map { server.models[model].seconds(batch: $0) } }
        maximumBatchSize = used.map { server.models[$0].maximumBatchSize }
        let loads = ExhaustiveLoads(problem, used)
        load = loads.table
        behind = loads.behind
        namesLast = loads.namesLast
    }

    /// What has run after a batch of `model` in `context`: the last model with consecutive reuse (their number for none), the
    /// mask of all models so far with retained, and the last of them where memory is tight.
    func next(_ context: Int, model: Int) -> Int {
        if isConsecutive { return model }
        guard namesLast else { return context | 1 << model }
        return 1 + (behind[context] | 1 << model) * models.count + model
    }

    /// Whether a batch has to be tried before a suffix that serves `rest`.
    ///
    /// Not where a request of the batch could change places with one of its model in a later batch that is due no later and needs
    /// no more of the uplink: the later batch's latest start does not fall, the earlier one's end lies before that deadline anyway, and
    /// the larger upload gets the later start.
    func mayPrecede(_ batch: Int, _ rest: Int) -> Bool {
        var left = batch
        while left != 0 {
            if sooner[left.trailingZeroBitCount] & rest != 0 { return false }
            left &= left - 1
        }
        return true
    }

    private static func runsSooner(_ all: [SchedulingProblem.Request], _ one: Int, than other: Int) -> Bool {
        let (first, second) = (all[one], all[other])
        guard one != other, first.model == second.model else { return false }
        guard first.deadline <= second.deadline, first.uplinkWork <= second.uplinkWork else { return false }
        guard first.uploadEnd <= second.uploadEnd else { return false }
        let isEqual =
            first.deadline == second.deadline && first.uplinkWork == second.uplinkWork
            && first.uploadEnd == second.uploadEnd
        return !isEqual || one < other
    }

    private static func table<Value>(
        _ requests: [SchedulingProblem.Request],
        _ empty: Value,
        _ add: (Value, SchedulingProblem.Request) -> Value
    ) -> [Value] {
        var table = [empty]
        table.reserveCapacity(1 << requests.count)
        for mask in 1..<max(1 << requests.count, 1) {
            table.append(add(table[mask & (mask - 1)], requests[mask.trailingZeroBitCount]))
        }
        return table
    }
}
