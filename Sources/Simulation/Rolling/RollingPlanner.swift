public import LoadScheduling

/// Who looks for better orders while requests wait: a solver with a fixed amount of work, so that results do not depend on the
/// machine that simulates.
public struct RollingPlanner: Sendable {
    /// The solver.
    public var scheduler: any LoadScheduler
    /// The most iterations of each plan, where the solver counts them; nil for no limit.
    public var iterations: Int?
    /// Seconds a plan takes on the simulated clock.
    public var seconds: Double

    /// Makes a planner.
    public init(_ scheduler: any LoadScheduler, iterations: Int? = nil, seconds: Double = 0.002) {
        self.scheduler = scheduler
        self.iterations = iterations
        self.seconds = seconds
    }

    /// The batch with the best gain first, again and again.
    public static var greedy: RollingPlanner { RollingPlanner(GreedyScheduler(), seconds: 0.001) }

    /// Search from the greedy schedule, with a fixed number of iterations; as often as ``greedy``, so that it is never behind it.
    public static func search(seed: UInt64, iterations: Int = 30) -> RollingPlanner {
        RollingPlanner(
            SearchScheduler(seed: seed, defaultIterations: iterations),
            iterations: iterations,
            seconds: 0.001
        )
    }
}
