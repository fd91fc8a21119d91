/// An upper bound of what any schedule can serve, valid in every mode.
///
/// Each relaxation drops rules, never adds one, so none can fall below the optimum; the least of them counts:
/// - requests that cannot be served even alone count nothing;
/// - a Lagrangian relaxation of time and uplink together (see <doc:UpperBound>): for a few moments t, all batches that must end
///   by t fit in the time until t together with the loads they need at least, and the least shares fit on the uplink.
/// - Complexity: O(iterations * (requests * moments + models * moments^2) + models^2 * blocks of a model).
public enum SchedulingBound {
    /// The most weight (requests, without weights) any schedule of `problem` can serve, as far as this bound knows.
    ///
    /// Rounded down to a whole number where all weights are whole, since no schedule serves a fraction of a request.
    /// - Parameter iterations: How often the multipliers are improved; more is tighter and never invalid.
    public static func upperBound(of problem: SchedulingProblem, iterations: Int = 80) -> Double {
        let servable = problem.requests.indices.filter { problem.obstacleAlone($0) == nil }
        var bound = servable.reduce(0) { $0 + problem.requests[$1].weight }
        guard bound > 0 else { return 0 }
        for charges in LoadCharges.all(for: problem, models: Set(servable.map { problem.requests[$0].model })) {
            var relaxation = LagrangianBound(problem, servable, charges)
            bound = min(bound, relaxation.minimum(iterations: iterations))
        }
        let isWhole = servable.allSatisfy { problem.requests[$0].weight.rounded() == problem.requests[$0].weight }
        return isWhole ? (bound + 1e-6).rounded(.down) : bound * (1 + 1e-9)
    }
}
