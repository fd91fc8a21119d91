/// Simple batching with the models in an order drawn by lot: a comparison, not a rival.
///
/// Equal seeds give equal schedules. One batch per model, with the limits of ``FirstArrivalScheduler``; exact for nothing.
/// - Complexity: O((models + dropped requests) * (batches + blocks of all batches) + requests * log requests).
public struct RandomOrderScheduler: LoadScheduler {
    private let seed: UInt64

    /// Makes one that draws from `seed`.
    public init(seed: UInt64) {
        self.seed = seed
    }

    /// `random`.
    public var name: String { "random" }

    /// Makes one batch per model, then drops requests until the uplink suffices; an iteration is one model.
    public func solve(_ problem: SchedulingProblem, limits: SchedulingLimits) -> SchedulingResult {
        var lots = Lots(state: seed)
        let models = problem.modelsByFirstArrival.shuffled(using: &lots)
        return SimpleBatching.solve(problem, models: models, limits: limits)
    }
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
private struct Lots: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
