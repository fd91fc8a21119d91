/// Simple batching with the models in order of first arrival, which is the order of the requests: a comparison, not a rival.
///
/// One batch per model; it never comes back to a model, does not look for shared blocks, and drops requests only when all
/// batches are made. Exact for nothing.
/// - Complexity: O((models + dropped requests) * (batches + blocks of all batches) + requests * log requests).
public struct FirstArrivalScheduler: LoadScheduler {
    /// Makes one.
    public init() {}

    /// `fifo`.
    public var name: String { "fifo" }

    /// Makes one batch per model, then drops requests until the uplink suffices; an iteration is one model.
    public func solve(_ problem: SchedulingProblem, limits: SchedulingLimits) -> SchedulingResult {
        SimpleBatching.solve(problem, models: problem.modelsByFirstArrival, limits: limits)
    }
}

extension SchedulingProblem {
    /// The models that are asked for, in the order of their first requests.
    var modelsByFirstArrival: [Int] {
        var seen = BlockSet(capacity: server.models.count)
        return requests.compactMap { seen.insert($0.model) ? $0.model : nil }
    }
}
