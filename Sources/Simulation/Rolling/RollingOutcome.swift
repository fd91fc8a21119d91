public import ServingCore

/// What a rolling simulation found.
///
/// sent = inTime + late + failed + the sum of refused.
public struct RollingOutcome: Hashable, Sendable {
    /// Requests that came.
    public var sent = 0
    /// Those that ended by their deadline.
    public var inTime = 0
    /// Those that ended after it.
    public var late = 0
    /// Those that were admitted, then failed.
    public var failed = 0
    /// Those of them whose upload was not over yet.
    public var failedUploading = 0
    /// Those that were refused, by reason.
    public var refused: [ServingError.Code: Int] = [:]
    /// From arrival to start of inference, summed over those that ran, in seconds.
    public var waitingSeconds = 0.0
    /// From the first arrival to the last request's end, in seconds.
    public var duration = 0.0
    /// Bytes of the blocks loaded.
    public var loadedBytes = 0
    /// Bytes of the blocks that batches found resident.
    public var reusedBytes = 0
    /// Batches run.
    public var batches = 0
    /// Seconds the executor ran.
    public var executorSeconds = 0.0
    /// Seconds the loader loaded.
    public var loaderSeconds = 0.0
    /// What uploads took of the uplink, in hertz seconds; bits where every device counts as 1 bit/s/Hz.
    public var uplinkWork = 0.0
    /// Plans looked for, and those of them that were taken.
    public var plans = 0
    /// Plans that were taken.
    public var plansAdopted = 0
    /// Events the dispatcher took in.
    public var events = 0

    /// Makes zeros.
    public init() {}

    /// All refusals.
    public var refusedTotal: Int { refused.values.reduce(0, +) }
    /// Those that ran.
    public var ran: Int { inTime + late }
    /// The part of all requests that ended in time.
    public var inTimeShare: Double { sent > 0 ? Double(inTime) / Double(sent) : 0 }
    /// The mean time from arrival to start of inference, in seconds; nil where nothing ran.
    public var meanWaiting: Double? { ran > 0 ? waitingSeconds / Double(ran) : nil }
    /// The part of the time the executor ran.
    public var executorUtilisation: Double { duration > 0 ? executorSeconds / duration : 0 }
    /// The part of the time the loader loaded.
    public var loaderUtilisation: Double { duration > 0 ? loaderSeconds / duration : 0 }

    /// The part of an uplink of that many hertz that was used.
    public func uplinkUtilisation(of capacity: Hertz) -> Double {
        duration > 0 && capacity.rawValue > 0 ? uplinkWork / (duration * capacity.rawValue) : 0
    }
}
