import LoadScheduling
import ServingCore

/// The batch the executor runs.
struct RunningBatch: Sendable {
    var order: OrderID
    var model: Int
    var slots: [Int]
    var start: Double
    /// When it ends, by the mean estimate.
    var likelyEnd: Double
    /// When it ends, margin included.
    var expectedEnd: Double
    /// Whether it started beside a load, or one was to follow.
    var isBeside: Bool
    /// For how long the loader had been at work when it started.
    var loaderSeconds: Double
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
    /// A block turned out larger than expected; with more room made, the load can be tried again.
    var isToBeRepeated = false
    /// A block could not be evicted while a batch ran: the load is tried again with others, or after the batch.
    var mustWait = false
    /// The last load failed, and it is tried once more.
    var isRetry = false
}
