public import LoadScheduling
public import ServingCore

/// Every limit and starting value of a ``Dispatcher``.
public struct DispatcherConfiguration: Hashable, Sendable {
    /// By which rules requests are taken in, ordered, and given memory.
    public var policy = SchedulingPolicy.partial
    /// Whether what cannot be in time is refused, or only counted; ``SchedulingPolicy/lru`` and `edf` refuse nothing anyway.
    public var mode = AdmissionMode.enforce
    /// Under overload, how long planned policies wait from one batch that needs a load to the next, as a multiple of what the load
    /// takes, times what is asked for in excess of what the executor could do; 0 opens batches as long as all are in time.
    public var overloadLoadSpacing = 0.0
    /// Under overload, the part of the executor's time that planned policies keep for requests which cost more than others: with
    /// 0 most are served, and of the dearest none as long as cheaper ones fill the executor; 1 refuses nobody for what it costs.
    public var overloadFairPart = 0.02
    /// How long ``SchedulingPolicy/lru`` lets the first request of a batch wait for others, unless the batch is full.
    public var batchingWindow: Duration = .milliseconds(5)
    /// Whether ``SchedulingPolicy/lru`` and `edf` also run what has expired while it waited, as model servers do unless told
    /// otherwise; planned policies never start a request after its deadline, whatever this says.
    public var runsExpired = false
    /// How many batches run at once, at least 1.
    public var lanes = 1
    /// Accelerator memory all resident blocks share: a hard cap.
    public var memoryLimit: ByteCount
    /// How uploads share the uplink.
    public var uplink: UplinkConfiguration
    /// Whether shares are constant or vary over time.
    public var allocation = EdgeServer.Shares.constant
    /// Whether the uplink's capacity is learned; the configured one is then its upper bound.
    public var learnsCapacity = false
    /// After how long without a byte, though it was free to send, an upload counts as stalled: others get its share.
    public var stallTime: Duration = .milliseconds(250)
    /// The part of the uplink that is shared out but never promised, for what happens between two solutions of the shares.
    public var uplinkHeadroom = 0.25
    /// Whether a refusal names the earliest deadline that would do.
    public var namesEarliestDeadline = true
    /// How much earlier than its batch's latest start a paced upload is planned to end.
    public var uploadReserve: Duration = .milliseconds(50)
    /// The part of an upload's time that ``uploadReserve`` is at most.
    public var uploadReservePart = 0.2
    /// How many requests may wait, the running ones not counted.
    public var maximumQueuedRequests = 10_000
    /// How many requests one batch may hold.
    public var maximumBatchSize = 32
    /// How many requests one batch may hold where the model takes them one by one.
    public var maximumSequentialBatchSize = 4
    /// What is taken off every deadline for the way back to the client and for jitter.
    public var safetySlack: Duration = .milliseconds(1)
    /// How service times are estimated.
    public var estimates = EstimateConfiguration()
    /// How often a planner may be asked for a better order.
    public var planningInterval: Duration = .milliseconds(10)
    /// The part of one core the planner may take: after a plan that took long it rests accordingly, over 0 and at most 1.
    public var planningShare = 0.03
    /// How often the shares of all uploads are solved anew; an arrival gets its own share at once.
    public var shareInterval: Duration = .milliseconds(2)
    /// How long a batch may run after the deadlines of all its requests; nil ends none.
    public var overrun: Duration?
    /// How long a batch may run, ``overrun`` aside, where deadlines do not bind: in ``AdmissionMode/observe``, and where
    /// ``runsExpired``.
    public var unboundRunTime: Duration = .seconds(10)
    /// How long a pin waits for a moment at which its load makes nobody late.
    public var pinPatience: Duration = .seconds(1)

    /// Makes a configuration with the defaults of everything else.
    public init(memoryLimit: ByteCount, uplink: UplinkConfiguration = .unpaced()) {
        self.memoryLimit = memoryLimit
        self.uplink = uplink
    }
}

/// How uploads share the uplink.
public enum UplinkConfiguration: Hashable, Sendable {
    /// A bandwidth that is split by spectral efficiency; devices that do not tell theirs count with `efficiency`.
    case bandwidth(Hertz, efficiency: SpectralEfficiency)
    /// A rate that is split; every device counts as 1 bit/s/Hz.
    case rate(BitsPerSecond)
    /// Nobody paces uploads; each is expected to come at this rate.
    case unpaced(assumedRate: BitsPerSecond = BitsPerSecond(100e6))

    /// What is split, in hertz; nil where nothing is.
    public var capacity: Hertz? {
        switch self {
        case .bandwidth(let hertz, _): hertz
        case .rate(let rate): Hertz(rate.rawValue)
        case .unpaced: nil
        }
    }
}

/// How service times are estimated from what is observed.
public struct EstimateConfiguration: Hashable, Sendable {
    /// Bytes a second a block is expected to load at before any was measured.
    public var loadBytesPerSecond = 500e6
    /// Seconds each block's load takes beside its bytes, before any was measured.
    public var loadSecondsPerBlock = 0.5e-3
    /// Seconds a batch is expected to take beside its requests, before any was measured.
    public var baseSeconds = 2e-3
    /// Seconds each request of a batch is expected to add, before any was measured.
    public var itemSeconds = 1e-3
    /// By what part a batch is expected to take longer while all other lanes are busy, before that was observed.
    public var laneSlowdown = 0.0
    /// The part of what is estimated that is to take no longer than is planned with.
    public var marginQuantile = 0.9
    /// The weight of a new observation, over 0 and at most 1.
    public var smoothing = 0.25
    /// An estimate not renewed for this long is halved when it would refuse a request, so that it cannot refuse for ever.
    public var staleAfter: Duration = .seconds(5)

    /// Makes the defaults.
    public init() {}
}
