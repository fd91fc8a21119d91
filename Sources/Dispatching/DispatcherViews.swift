public import ServingCore

/// One batch of the plan, as it is shown to people.
public struct PlannedBatchView: Hashable, Sendable {
    /// The model.
    public var model: ModelID
    /// Its requests.
    public var requests: [RequestID]
    /// The lane it is planned to run on, from 0; it runs on whichever is free then.
    public var lane: Int
    /// How many of them have their body here.
    public var readyRequests: Int
    /// Blocks of the model that are not resident yet.
    public var missingBlocks: Int
    /// When its load starts at the earliest.
    public var loadStart: MonotonicInstant
    /// When its load ends at the earliest.
    public var loadFinish: MonotonicInstant
    /// When it starts at the earliest.
    public var start: MonotonicInstant
    /// When it is done at the earliest.
    public var finish: MonotonicInstant
    /// When it can start at the latest.
    public var latestStart: MonotonicInstant
    /// The earliest deadline in it.
    public var deadline: MonotonicInstant
}

/// One parameter block as the dispatcher sees it.
public struct BlockView: Hashable, Sendable {
    /// Where a block stands.
    public enum Residency: String, Hashable, Sendable {
        /// Not in accelerator memory.
        case absent
        /// On its way in.
        case loading
        /// In accelerator memory.
        case resident
    }

    /// The block and what it takes in memory.
    public var block: ParameterBlock
    /// Where it stands.
    public var residency: Residency
    /// Whether a pinned model keeps it.
    public var isPinned: Bool
    /// How long a load is expected to take, without margin.
    public var loadEstimate: Duration
}

/// What a model is expected to take.
public struct ModelEstimateView: Hashable, Sendable {
    /// The model.
    public var model: ModelID
    /// Mean time of every tensor run.
    public var base: Duration
    /// Mean time each request adds.
    public var item: Duration
    /// The factor put on top for the margin.
    public var margin: Double
    /// Whether all its blocks are resident.
    public var isResident: Bool
    /// Whether it is pinned.
    public var isPinned: Bool
}

/// One request as the dispatcher sees it.
public struct RequestView: Hashable, Sendable {
    /// Where a request stands.
    public enum Phase: String, Hashable, Sendable {
        /// Its body is on the way.
        case uploading
        /// It waits for its batch.
        case ready
        /// Its batch runs.
        case running
    }

    /// The request.
    public var id: RequestID
    /// The model it asks for.
    public var model: ModelID
    /// Where it stands.
    public var phase: Phase
    /// When its answer must be ready.
    public var deadline: MonotonicInstant
    /// Its share of the uplink while it uploads; nil where uploads are not paced.
    public var share: Hertz?
}
