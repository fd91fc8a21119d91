public import ServingCore

/// What became of the requests of one batch, and how long it took.
public struct BatchOutcome: Sendable {
    /// For each request, in the order given: its outputs in the model's order, or why it has none.
    public var results: [Result<[Tensor], ServingError>]
    /// How long it took.
    public var timing: BatchTiming

    /// Makes an outcome.
    public init(results: [Result<[Tensor], ServingError>], timing: BatchTiming) {
        self.results = results
        self.timing = timing
    }
}
