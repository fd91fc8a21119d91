import ServingCore

/// An upper bound of what any schedule can serve, valid in every mode.
///
/// Each relaxation drops rules, never adds one, so none can fall below the optimum; the least of them counts:
/// - requests that cannot be served even alone count nothing;
/// - the uplink alone: every share is at least what the request would need alone, and they sum to at most W; where uploads take turns, what
///   must have been uploaded by some moment takes at most W times the seconds until then;
/// - a Lagrangian relaxation of time and uplink together (see <doc:UpperBound>): for a few moments t, all batches that must end
///   by t fit in the time until t together with the loads they need at least, and the least shares fit on the uplink.
/// - Complexity: O(iterations * (requests * moments + models * moments^2) + models^2 * blocks of a model).
public enum SchedulingBound {
    /// The most weight (requests, without weights) any schedule of `problem` can serve, as far as this bound knows.
    ///
    /// Rounded down to a whole number where all weights are whole, since no schedule serves a fraction of a request.
    /// More `iterations`, which improve the multipliers, make it tighter; fewer, or `limits` that end them early, never make it
    /// invalid.
    public static func upperBound(
        of problem: SchedulingProblem,
        iterations: Int = 80,
        limits: SchedulingLimits = .none
    ) -> Double {
        var watch = BudgetWatch(limits)
        let servable = problem.servableAlone
        watch.look()
        var bound = servable.reduce(0) { $0 + problem.requests[$1].weight }
        guard bound > 0 else { return 0 }
        bound = min(bound, problem.hasVaryingShares ? turnsBound(problem, servable) : uplinkBound(problem, servable))
        watch.look()
        let models = Set(servable.map { problem.requests[$0].model }).sorted()
        for charges in LoadCharges.all(for: problem, models: models, &watch) where !watch.isUsedUp {
            var relaxation = LagrangianBound(problem, servable, charges)
            watch.look()
            bound = min(bound, relaxation.minimum(iterations: iterations, &watch))
        }
        let isWhole = servable.allSatisfy { problem.requests[$0].weight.rounded() == problem.requests[$0].weight }
        return isWhole ? (bound + 1e-6).rounded(.down) : bound * (1 + 1e-9)
    }

    /// The most weight that can be uploaded in turns if each request starts as late as it could alone: the least over some
    /// moments of a knapsack of those that start by it, and all others.
    private static func turnsBound(_ problem: SchedulingProblem, _ servable: [Int]) -> Double {
        let items = servable.map { index in
            let request = problem.requests[index]
            let seconds = problem.server.models[request.model].seconds(batch: 1)
            let window = request.deadline - seconds - problem.state.now + 1e-8
            return (weight: request.weight, work: request.uplinkWork, window: window)
        }.sorted { $0.work * $1.weight < $1.work * $0.weight }
        let windows = items.map(\.window).sorted()
        var bound = Double.infinity
        for part in 1...16 {
            let moment = windows[windows.count * part / 16 - (windows.count * part / 16 > 0 ? 1 : 0)]
            var rest = problem.server.uplink.rawValue * (1 + 1e-9) * max(moment, 0)
            var weight = 0.0
            for item in items {
                let work = item.window <= moment ? item.work : 0
                weight += work > rest ? item.weight * rest / work : item.weight
                rest = max(rest - work, 0)
            }
            bound = min(bound, weight)
        }
        return bound
    }

    /// The most weight whose least shares fit on the uplink if each request starts as late as it could alone.
    ///
    /// A knapsack, the last request taken in part.
    private static func uplinkBound(_ problem: SchedulingProblem, _ servable: [Int]) -> Double {
        let capacity = problem.server.uplink.rawValue * (1 + 1e-9)
        guard capacity.isFinite else { return .infinity }
        let items = servable.map { index in
            let request = problem.requests[index]
            let seconds = problem.server.models[request.model].seconds(batch: 1)
            let window = request.deadline - seconds - problem.state.now + 1e-8
            return (weight: request.weight, share: request.uplinkWork > 0 ? request.uplinkWork / max(window, 1e-9) : 0)
        }
        var rest = capacity
        var bound = 0.0
        for item in items.sorted(by: { $0.share * $1.weight < $1.share * $0.weight }) {
            guard item.share > rest else {
                rest -= item.share
                bound += item.weight
                continue
            }
            return bound + item.weight * max(rest, 0) / item.share
        }
        return bound
    }
}
