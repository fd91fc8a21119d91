public import LoadScheduling

/// The solvers by name: the one table that the command line and the benchmark read.
public struct SolverRegistry: Sendable {
    /// One entry.
    public struct Entry: Sendable {
        /// The name it goes by.
        public let name: String
        /// The time it gets where nobody says otherwise; nil for as long as it takes.
        public let defaultBudget: Duration?
        private let make: @Sendable (UInt64) -> any LoadScheduler

        /// Makes an entry; `make` gets the seed, which solvers that draw no lots pass over.
        public init(
            _ name: String,
            budget: Duration? = nil,
            make: @escaping @Sendable (UInt64) -> any LoadScheduler
        ) {
            self.name = name
            defaultBudget = budget
            self.make = make
        }

        /// The solver itself.
        public func solver(seed: UInt64) -> any LoadScheduler { make(seed) }
    }

    /// The solvers there are, in the order they are listed in.
    public let entries: [Entry]

    /// Makes a registry of at least one entry.
    public init(_ entries: [Entry]) {
        precondition(!entries.isEmpty, "a registry names at least one solver")
        self.entries = entries
    }

    /// Every solver of this gateway.
    public static let all = SolverRegistry([
        Entry("auto", budget: .milliseconds(100)) { automatic($0) },
        Entry("exhaustive", budget: .seconds(10)) { _ in ExhaustiveScheduler() },
        Entry("backbone-dp", budget: .seconds(10)) { _ in BackboneDynamicProgramScheduler() },
        Entry("search", budget: .milliseconds(100)) {
            SearchScheduler(seed: $0, defaultIterations: .max, starters: simple($0), bound: bound)
        },
        Entry("unshared", budget: .milliseconds(100)) {
            UnsharedScheduler(search: SearchScheduler(seed: $0, defaultIterations: .max, starters: simple($0)))
        },
        Entry("greedy") { _ in GreedyScheduler() },
        Entry("fifo") { _ in FirstArrivalScheduler() },
        Entry("edf") { _ in EarliestDeadlineScheduler() },
        Entry("random") { RandomOrderScheduler(seed: $0) },
    ])

    /// What the searches start from.
    private static func simple(_ seed: UInt64) -> [any LoadScheduler] {
        [GreedyScheduler(), FirstArrivalScheduler(), EarliestDeadlineScheduler(), RandomOrderScheduler(seed: seed)]
    }

    /// Exact where that is cheap, else search from the best of the simple ones.
    private static func automatic(_ seed: UInt64) -> AutoScheduler {
        var scheduler = AutoScheduler(
            exact: [
                AutoScheduler.Candidate(BackboneDynamicProgramScheduler()) {
                    BackboneDynamicProgramScheduler.obstacle(in: $0) == nil
                },
                AutoScheduler.Candidate(ExhaustiveScheduler()) { ExhaustiveScheduler.isSmallEnough($0) },
            ],
            starters: simple(seed),
            seed: seed,
            bound: bound
        )
        scheduler.search.defaultIterations = .max
        return scheduler
    }

    /// The upper bound, where it is cheap beside the search.
    private static let bound: @Sendable (SchedulingProblem, SchedulingLimits) -> Double? = { problem, limits in
        problem.requests.count <= 1000 ? SchedulingBound.upperBound(of: problem, limits: limits) : nil
    }

    /// The solver called `name`; nil where there is none.
    public func entry(named name: String) -> Entry? { entries.first { $0.name == name } }

    /// The one that is taken where nobody names one: `auto`, or the first where there is no such.
    public var preferred: Entry { entry(named: "auto") ?? entries[0] }

    /// Every name, for people: `greedy, fifo, edf`.
    public var names: String { entries.map(\.name).joined(separator: ", ") }
}
