import ServingCore

/// The paper's dynamic program for the backbone-sharing case (PartialLoading, arXiv 2503.22982): models form clusters, all models
/// of a cluster share the same blocks and no block is shared otherwise, and all requests have one deadline.
///
/// On time alone, for every number of requests it finds the least time to serve that many; that needs a batch per model, the models of
/// a cluster one after the other, and the requests that need least of the uplink. Where the schedule so found fits on the uplink it is
/// an optimum, proved. Where the uplink binds, the order of batches and splitting them come in, and the problem is NP-hard: it then
/// keeps the Pareto front of time and bandwidth over one batch per model in a good order, which is exact for that order, and
/// calls the result optimal only where it meets the bound. See <doc:BackboneSharing>.
///
/// A problem of another kind is left to ``GreedyScheduler``; ``obstacle(in:)`` says what makes it so.
/// - Complexity: O(requests^2) for each model that has blocks resident at the start, and once more; where the uplink binds, times
///   ``frontWidth``^2.
public struct BackboneDynamicProgramScheduler: LoadScheduler {
    /// How many entries a front keeps where the uplink binds; more find better schedules and take longer.
    public var frontWidth: Int

    /// Makes one.
    public init(frontWidth: Int = 12) {
        self.frontWidth = max(frontWidth, 2)
    }

    /// `backbone-dp`.
    public var name: String { "backbone-dp" }

    /// Why `problem` is not of the backbone-sharing case; nil where it is. Requests that cannot be served even alone do not count.
    /// - Complexity: O(requests + blocks of all models).
    public static func obstacle(in problem: SchedulingProblem) -> BackboneObstacle? {
        BackboneInstance.quickObstacle(in: problem) ?? BackboneInstance.obstacle(in: problem, servable(problem))
    }

    /// The optimum where the uplink does not bind, a good schedule with a bound where it does.
    public func solve(_ problem: SchedulingProblem, limits: SchedulingLimits) -> SchedulingResult {
        guard Self.obstacle(in: problem) == nil else { return GreedyScheduler().solve(problem, limits: limits) }
        let servable = Self.servable(problem)
        guard !servable.isEmpty else {
            return GreedyScheduler().solve(problem, limits: limits)
        }
        var run = BackboneRun(problem, BackboneInstance(problem, servable), limits)
        return run.result(frontWidth: frontWidth)
    }

    /// The requests that can be served alone, beside what is pinned.
    private static func servable(_ problem: SchedulingProblem) -> [Int] {
        let server = problem.server
        let fits = server.models.map { model in
            var together = problem.state.pinned
            together.formUnion(model.blockSet)
            return server.bytes(of: together) <= server.memoryBytes
        }
        return problem.servableAlone.filter { fits[problem.requests[$0].model] }
    }
}
