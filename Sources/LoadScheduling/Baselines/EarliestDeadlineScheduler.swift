/// Simple batching with the models in order of the earliest deadline among their requests: a comparison, not a rival.
///
/// Ties keep the order of first arrival. One batch per model, with the limits of ``FirstArrivalScheduler``; exact for nothing.
/// - Complexity: O((models + dropped requests) * (batches + blocks of all batches) + requests * log requests).
public struct EarliestDeadlineScheduler: LoadScheduler {
    /// Makes one.
    public init() {}

    /// `edf`.
    public var name: String { "edf" }

    /// Makes one batch per model, then drops requests until the uplink suffices; an iteration is one model.
    public func solve(_ problem: SchedulingProblem, limits: SchedulingLimits) -> SchedulingResult {
        var earliest = [Double](repeating: .infinity, count: problem.server.models.count)
        for request in problem.requests { earliest[request.model] = min(earliest[request.model], request.deadline) }
        let models = problem.modelsByFirstArrival.enumerated()
            .sorted { (earliest[$0.element], $0.offset) < (earliest[$1.element], $1.offset) }
            .map(\.element)
        return SimpleBatching.solve(problem, models: models, limits: limits)
    }
}
