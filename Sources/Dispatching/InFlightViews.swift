public import ServingCore

/// A batch that runs, as it is shown to people.
public struct ExecutingBatchView: Hashable, Sendable {
    /// The lane that runs it, from 0.
    public var lane: Int
    /// The model.
    public var model: ModelID
    /// Its requests.
    public var requests: [RequestID]
    /// When it started.
    public var start: MonotonicInstant
    /// When it is expected to be done, margin included.
    public var finish: MonotonicInstant
}

/// The loads that are under way, as they are shown to people.
public struct LoadInFlightView: Hashable, Sendable {
    /// The model they are for; nil where memory is only made free.
    public var model: ModelID?
    /// What they are for.
    public var purpose: LoadOrder.Purpose
    /// The blocks that are loaded.
    public var blocks: [ParameterBlock]
    /// When the last is expected to be there, margin included.
    public var finish: MonotonicInstant
}
