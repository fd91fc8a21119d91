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
        Entry("greedy") { _ in GreedyScheduler() },
        Entry("fifo") { _ in FirstArrivalScheduler() },
        Entry("edf") { _ in EarliestDeadlineScheduler() },
        Entry("random") { RandomOrderScheduler(seed: $0) },
    ])

    /// The solver called `name`; nil where there is none.
    public func entry(named name: String) -> Entry? { entries.first { $0.name == name } }

    /// The one that is taken where nobody names one: `auto`, or the first where there is no such.
    public var preferred: Entry { entry(named: "auto") ?? entries[0] }

    /// Every name, for people: `greedy, fifo, edf`.
    public var names: String { entries.map(\.name).joined(separator: ", ") }
}
