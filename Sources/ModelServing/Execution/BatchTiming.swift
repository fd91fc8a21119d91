public import ServingCore

/// How long a batch computed, run by run; what the estimates of a model's base and item seconds learn from.
public struct BatchTiming: Hashable, Sendable {
    /// One pass through the model.
    public struct Run: Hashable, Sendable {
        /// How many requests went through together.
        public var requestCount: Int
        /// How many rows they had together; nil where the model is not batchable.
        public var rowCount: Int?
        /// From the first byte put together to the last output taken apart.
        public var duration: Duration
        /// The part of it before the model ran: putting inputs together and handing them to the engine.
        public var input = Duration.zero
        /// The part of it after the model ran: reading outputs and taking them apart.
        public var output = Duration.zero
        /// Whether it gave answers.
        public var succeeded = true
    }

    /// The passes, in the order they ran.
    public var runs: [Run] = []
    /// Why some of them gave no answers, by their places in ``runs``; mostly empty.
    public private(set) var failures: [Int: ServingError] = [:]

    /// Makes a timing without runs.
    public init() {}

    /// Whether every request ran once, and with success.
    public var isTypical: Bool { runs.allSatisfy(\.succeeded) }

    /// Takes in a pass that gave answers, or failed.
    public mutating func append(_ run: Run, failure: ServingError?) {
        var run = run
        run.succeeded = failure == nil
        if let failure { failures[runs.count] = failure }
        runs.append(run)
    }

    /// What all runs took together.
    public var compute: Duration { runs.reduce(.zero) { $0 + $1.duration } }
}
