/// Where an ``EdgeServer`` stands at the moment of planning. Times are seconds on one axis, the same as ``now``.
public struct ServerState: Hashable, Sendable {
    /// The moment of planning; 0 in an instance file.
    public var now: Double
    /// Blocks that are resident, or will be when the load in flight ends.
    public var resident: BlockSet
    /// Blocks of the load in flight, usable from ``loaderFree`` on.
    public var loading: BlockSet
    /// Blocks that must stay whatever the plan says.
    public var pinned: BlockSet
    /// Blocks of the batches that run, the last of them until all ``lanes`` are free.
    public var executing: BlockSet
    /// When each lane can start its next batch; as many as the server's ``EdgeServer/lanes``.
    public var lanes: LaneTimes
    /// When the loader can start the next load; without overlap a load starts when the executor is free, whatever this says.
    public var loaderFree: Double

    /// Makes a state: by default an idle server at time 0 with nothing resident.
    public init(
        now: Double = 0,
        resident: BlockSet = BlockSet(),
        loading: BlockSet = BlockSet(),
        pinned: BlockSet = BlockSet(),
        executing: BlockSet = BlockSet(),
        executorFree: Double = 0,
        loaderFree: Double = 0
    ) {
        self.now = now
        self.resident = resident
        self.loading = loading
        self.pinned = pinned
        self.executing = executing
        lanes = LaneTimes(freeAt: executorFree)
        self.loaderFree = loaderFree
    }

    /// When the first lane can start its next batch; setting it sets every lane.
    public var executorFree: Double {
        get { lanes.earliest }
        set { lanes.free(at: newValue) }
    }
}
