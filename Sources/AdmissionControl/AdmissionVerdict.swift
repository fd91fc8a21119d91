public import ServingCore

/// Whether a request is taken, where it goes, and what was reckoned with.
public enum AdmissionVerdict: Hashable, Sendable {
    /// It is in the plan now.
    case admit(Admission)
    /// It cannot be done without breaking its own deadline or an earlier promise; the plan is as it was.
    case reject(ServingError)
}

/// Where an admitted request went and what its time is expected to go into.
public struct Admission: Hashable, Sendable {
    /// Its place in the plan.
    public var placement: Placement
    /// Upload, wait, load and compute, with the margins of the estimates.
    public var estimate: LatencyBreakdown
    /// Its constant share of the uplink; nil where nobody shares it out.
    public var share: Hertz?
    /// When its batch starts at the latest, in seconds on the state's axis.
    public var latestStart: Double
    /// How many seconds later the last batch ends than without it; under 0 where its blocks spare others a load.
    public var addedSeconds: Double
    /// How many more bytes all loads of the plan move than without it.
    public var addedBytes: Int

    /// Makes an admission.
    public init(
        placement: Placement,
        estimate: LatencyBreakdown,
        share: Hertz?,
        latestStart: Double,
        addedSeconds: Double = 0,
        addedBytes: Int = 0
    ) {
        self.placement = placement
        self.estimate = estimate
        self.share = share
        self.latestStart = latestStart
        self.addedSeconds = addedSeconds
        self.addedBytes = addedBytes
    }
}

/// A place in an ordered list of batches.
public enum Placement: Hashable, Sendable {
    /// The batch at this index takes it in.
    case join(Int)
    /// A new batch at this index holds it alone.
    case insert(Int)

    /// The index of the batch that holds the request once it is placed.
    public var index: Int {
        switch self {
        case .join(let index), .insert(let index): index
        }
    }

    /// Where the batch at `index` of the list with the request was in the list without; nil for the request's own.
    func source(ofBatch index: Int) -> Int? {
        guard index != self.index else { return nil }
        if case .insert(let place) = self, index > place { return index - 1 }
        return index
    }
}
