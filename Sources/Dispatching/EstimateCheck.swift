public import ServingCore

/// An estimate beside what came of it.
public struct EstimateCheck: Hashable, Sendable {
    /// What was estimated.
    public enum Stage: String, Hashable, Sendable, CaseIterable {
        /// Loading the blocks of one order.
        case load
        /// Running one batch.
        case compute
    }

    /// What was estimated.
    public var stage: Stage
    /// The model it was for.
    public var model: ModelID
    /// The estimate, without margin.
    public var estimated: Duration
    /// What was measured.
    public var actual: Duration

    /// Makes a check.
    public init(stage: Stage, model: ModelID, estimated: Duration, actual: Duration) {
        self.stage = stage
        self.model = model
        self.estimated = estimated
        self.actual = actual
    }
}
