public import LoadScheduling

/// A way of scheduling an epoch: the solvers of `LoadScheduling` themselves, bounded by iterations so that results repeat.
public enum EpochCurve: String, CaseIterable, Sendable {
    /// The oracle, on small instances.
    case exhaustive
    /// The paper's dynamic program for backbone sharing.
    case backbone = "backbone-dp"
    /// The search, from the best of the simple ones.
    case search
    /// The paper's heuristic for the general case.
    case greedy
    /// The search where nothing is shared.
    case unshared
    /// Earliest deadline first.
    case edf
    /// First come, first served.
    case fifo
    /// Models in an order drawn by lot.
    case random

    /// The iterations of a search.
    static let iterations = 2000

    /// The solver; `seed` is for those that draw lots.
    public func solver(seed: UInt64) -> any LoadScheduler {
        switch self {
        case .exhaustive: ExhaustiveScheduler()
        case .backbone: BackboneDynamicProgramScheduler()
        case .search: Self.search(seed)
        case .greedy: GreedyScheduler()
        case .unshared: UnsharedScheduler(search: Self.search(seed))
        case .edf: EarliestDeadlineScheduler()
        case .fifo: FirstArrivalScheduler()
        case .random: RandomOrderScheduler(seed: seed)
        }
    }

    private static func search(_ seed: UInt64) -> SearchScheduler {
        SearchScheduler(
            seed: seed,
            defaultIterations: iterations,
            starters: [
                GreedyScheduler(), FirstArrivalScheduler(), EarliestDeadlineScheduler(),
                RandomOrderScheduler(seed: seed),
            ]
        )
    }
}
