import LoadScheduling
import ServingCore

/// A batch that is to run.
struct BatchStart: Sendable {
    var model: Int
    var slots: [Int]
    /// How long it takes, by the mean estimate.
    var likelySeconds: Double
    /// The same, margin included.
    var expectedSeconds: Double
    /// Whether it starts beside a load, or one is to follow.
    var isBeside: Bool
    /// When it is ended if it still runs.
    var endBy: Double
}

/// Blocks that are to be evicted, then loaded.
struct LoadStart: Sendable {
    var purpose: LoadOrder.Purpose
    var model: Int?
    var evict: [Int]
    var load: [Int]
    /// How long it takes, by the mean estimate.
    var likelySeconds: Double
    /// The same, margin included.
    var expectedSeconds: Double
}

/// A batch that an executor's lane runs.
struct RunningBatch: Sendable {
    var order: OrderID
    var lane: Int
    var model: Int
    var slots: [Int]
    var start: Double
    /// When it ends, by the mean estimate.
    var likelyEnd: Double
    /// When it ends, margin included.
    var expectedEnd: Double
    /// Whether it started beside a load, or one was to follow.
    var isBeside: Bool
    /// The part of the other lanes that were busy when it started.
    var busyPart = 0.0
    /// For how long the loader had been at work when it started.
    var loaderSeconds: Double
    /// For how long all lanes together had been at work when it started.
    var laneSeconds = 0.0
    /// When it is ended if it still runs.
    var endBy = Double.infinity
    /// Whether it was to end, and has not.
    var isTerminated = false
}

/// The order the loader carries out.
struct LoadInFlight: Sendable {
    var order: OrderID
    var purpose: LoadOrder.Purpose
    var model: Int?
    var blocks: [Int]
    /// The blocks that it evicts first.
    var evicted: [Int] = []
    /// How long it takes, by the mean estimate.
    var likelySeconds: Double
    /// When it ends, by the mean estimate.
    var likelyEnd: Double
    /// When it ends, margin included.
    var expectedEnd: Double
    /// When it started.
    var start: Double
    /// Whether it started beside a batch.
    var isBeside: Bool
    /// For how long the executor had been at work when it started.
    var executorSeconds: Double
}

/// What was loaded for a model since it last ran.
struct LoadTally: Sendable {
    var blocks = 0
    var bytes = 0
    var seconds = 0.0
    /// The last load failed, and it is tried once more.
    var isRetry = false
}

/// What came of one load.
struct LoadOutcome: Sendable {
    var blocks = 0
    var bytes = 0
    var seconds = 0.0
    /// A block turned out larger than expected; with more room made, the load can be tried again.
    var isToBeRepeated = false
    /// A block could not be evicted while a batch ran: the load is tried again with others, or after the batch.
    var mustWait = false
}
