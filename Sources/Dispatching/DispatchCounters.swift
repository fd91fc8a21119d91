public import ServingCore

/// What has happened since the start, for the ledger and `/metrics`.
///
/// received = rejected + admitted; admitted = inTime + late + failed + cancelled + malformed + in flight.
public struct DispatchCounters: Hashable, Sendable {
    /// Heads that asked for a verdict.
    public var received = 0
    /// Refusals, by code.
    public var rejected: [ServingError.Code: Int] = [:]
    /// Requests admitted.
    public var admitted = 0
    /// Requests that ran and ended by their deadline.
    public var inTime = 0
    /// Requests that ran and ended after their deadline.
    public var late = 0
    /// Requests that failed while they waited or ran.
    public var failed = 0
    /// Requests whose client went away first.
    public var cancelled = 0
    /// Requests whose body turned out malformed.
    public var malformed = 0
    /// Batches run.
    public var batches = 0
    /// Batches that were ended because all their requests were overdue.
    public var terminated = 0
    /// Blocks a batch needed and found resident.
    public var blockHits = 0
    /// Blocks that were loaded for a batch.
    public var blockMisses = 0
    /// Blocks evicted.
    public var blockEvictions = 0
    /// Block loads that failed.
    public var loadFailures = 0
    /// Loads that failed and were tried once more.
    public var loadRetries = 0
    /// Bytes of the blocks loaded, for batches and pins.
    public var loadedBytes = 0
    /// Bytes of the blocks batches found resident.
    public var reusedBytes = 0
    /// Plans by a solver that were adopted.
    public var plansAdopted = 0
    /// Plans by a solver that came too late or were no better.
    public var plansDiscarded = 0
    /// What would have been refused or given up, where that is only observed.
    public var observed = ObservedCounters()

    /// Makes zeros.
    public init() {}

    /// All refusals.
    public var rejectedTotal: Int { rejected.values.reduce(0, +) }
}
