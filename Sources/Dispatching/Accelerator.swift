import LoadScheduling

/// What is in the accelerator's memory and what it does: the one truth of residency, the load in flight, and the running batches.
///
/// Every change of the mirror goes through an order that starts here and ends here, so that after each call:
/// - blocks that load are resident or on their way, and are exactly those of the load in flight that have not failed;
/// - executing blocks are exactly those of the running batches, of which there are at most ``lanes``;
/// - an eviction never takes a block that loads, executes or is pinned, and makes room for whatever is loaded after it.
///
/// Blocks and models are indices of an ``EdgeServer``, times are seconds on one axis.
struct Accelerator: Sendable {
    /// How many batches may run at once.
    let lanes: Int
    /// What plans are made from: the time, residency, and when loader and executor are expected to be free, with margin.
    private(set) var state = ServerState()
    /// The batches that run, in the order they started.
    private(set) var running: [RunningBatch] = []
    /// The order the loader carries out.
    private(set) var load: LoadInFlight?
    /// Blocks that the loader could not evict beside the batches that run.
    private(set) var unevictable = BlockSet()

    private(set) var loaderTime = BusyTime()
    private(set) var executorTime = BusyTime()
    private(set) var laneUse = LaneUse()
    /// For each model, what was loaded for it since it last ran.
    private var loadedSinceRun: [LoadTally] = []
    /// When each model was asked for or ran last, in seconds.
    private(set) var lastUsed: [Double] = []
    private var lastOrder: UInt64 = 0

    init(lanes: Int = 1) {
        self.lanes = lanes
        state.lanes = LaneTimes(lanes)
    }

    var now: Double { state.now }
    var isExecuting: Bool { !running.isEmpty }
    var hasFreeLane: Bool { running.count < lanes }
    /// How many models it keeps count of.
    var modelCount: Int { lastUsed.count }

    /// Brings the state to `now`, which never goes back.
    mutating func advance(to now: Double) {
        state.now = max(state.now, now)
        state.executorFree = state.now
        for batch in running { state.lanes[batch.lane] = max(state.now, batch.expectedEnd) }
        state.loaderFree = max(state.now, load?.expectedEnd ?? state.now)
    }

    /// When a lane is free by the mean estimates.
    var likelyLaneFree: Double { max(state.now, laneFree(\.likelyEnd)) }

    /// When the loader is free by the mean estimates.
    var likelyLoaderFree: Double { max(state.now, load?.likelyEnd ?? state.now) }

    private func laneFree(_ end: (RunningBatch) -> Double) -> Double {
        guard !hasFreeLane else { return state.now }
        return running.reduce(.infinity) { min($0, end($1)) }
    }
}

/// Residency.
extension Accelerator {
    /// Whether all blocks of a model are resident or on their way.
    func isResident(_ model: EdgeServer.Model) -> Bool {
        // What comes last in a chain is shared least, so that most models which are not resident are seen at once.
        model.blocks.reversed().allSatisfy { state.resident.contains($0) }
    }

    /// Whether a block of a model is in the load under way.
    func isLoading(_ model: EdgeServer.Model) -> Bool {
        // A load is of few blocks: cheaper than to compare sets.
        load?.blocks.contains { model.blockSet.contains($0) } ?? false
    }

    /// Whether all blocks of a model are resident, none of them still loading.
    func isUsable(_ model: EdgeServer.Model) -> Bool { isResident(model) && !isLoading(model) }

    /// The blocks of a model that are neither resident nor on their way.
    func missing(of model: EdgeServer.Model) -> [Int] { model.blocks.filter { !state.resident.contains($0) } }

    /// Whether a model fits beside what is pinned.
    func fitsBesidePins(_ model: Int, on server: EdgeServer) -> Bool {
        var needed = state.pinned
        needed.formUnion(server.models[model].blockSet)
        return server.bytes(of: needed) <= server.memoryBytes
    }

    mutating func setPinned(_ blocks: BlockSet) { state.pinned = blocks }

    /// A block is not in memory, whatever was ordered.
    mutating func lose(_ block: Int) { state.resident.remove(block) }

    /// Takes over what the loader says is in memory after `order`.
    ///
    /// A block that it could not evict while a batch runs is in use by that, and stays until it ends: says whether there is one.
    mutating func adopt(resident: BlockSet, after order: LoadInFlight) -> Bool {
        state.resident = resident
        guard isExecuting else { return false }
        var isHeld = false
        for block in order.evicted where resident.contains(block) {
            unevictable.insert(block)
            isHeld = true
        }
        return isHeld
    }
}

/// The loader.
extension Accelerator {
    /// What to evict so that `missing` blocks of `model` fit, but nothing in `kept`, of the model itself, pinned or held; nil where
    /// they do not fit beside these.
    func eviction(
        loading missing: [Int],
        of model: Int,
        keeping kept: BlockSet,
        on server: EdgeServer,
        by rule: EvictionRule
    ) -> [Int]? {
        var protected = kept
        protected.formUnion(state.pinned)
        protected.formUnion(unevictable)
        protected.formUnion(server.models[model].blockSet)
        guard server.bytes(of: protected) <= server.memoryBytes else { return nil }
        let needed = missing.reduce(server.bytes(of: state.resident)) { $0 + server.blocks[$1].bytes }
        guard needed > server.memoryBytes else { return [] }
        var candidates = state.resident
        candidates.subtract(protected)
        return rule.victims(of: candidates, freeing: needed - server.memoryBytes, on: server)
    }

    /// Starts a load: what it evicts is gone, what it loads is on its way. Gives the order's number.
    mutating func start(_ load: LoadStart) -> OrderID {
        for block in load.evict { state.resident.remove(block) }
        for block in load.load {
            state.resident.insert(block)
            state.loading.insert(block)
        }
        if !load.load.isEmpty { loaderTime.start(at: now) }
        let order = makeOrderID()
        self.load = LoadInFlight(
            order: order,
            purpose: load.purpose,
            model: load.model,
            blocks: load.load,
            evicted: load.evict,
            likelySeconds: load.likelySeconds,
            likelyEnd: now + load.likelySeconds,
            expectedEnd: now + load.expectedSeconds,
            start: now,
            isBeside: isExecuting,
            executorSeconds: executorTime.seconds(at: now)
        )
        advance(to: now)
        return order
    }

    /// The load in flight has ended; nil where it is another.
    mutating func finishLoad(_ order: OrderID) -> LoadInFlight? {
        guard let ended = load, ended.order == order else { return nil }
        load = nil
        loaderTime.stop(at: now)
        state.loading.removeAll()
        advance(to: now)
        return ended
    }

    private mutating func makeOrderID() -> OrderID {
        lastOrder += 1
        return OrderID(rawValue: lastOrder)
    }
}

/// The lanes.
extension Accelerator {
    /// Starts a batch of a usable model on the first free lane, of which there is one. Gives it as it runs.
    mutating func start(_ batch: BatchStart, on server: EdgeServer) -> RunningBatch {
        let lane = (0..<lanes).first { lane in !running.contains { $0.lane == lane } } ?? 0
        executorTime.start(at: now)
        if running.isEmpty {
            state.executing.assign(server.models[batch.model].blockSet)
        } else {
            state.executing.formUnion(server.models[batch.model].blockSet)
        }
        let started = RunningBatch(
            order: makeOrderID(),
            lane: lane,
            model: batch.model,
            slots: batch.slots,
            start: now,
            likelyEnd: now + batch.likelySeconds,
            expectedEnd: now + batch.expectedSeconds,
            isBeside: batch.isBeside,
            busyPart: busyPart,
            loaderSeconds: loaderTime.seconds(at: now),
            laneSeconds: laneUse.seconds(at: now),
            endBy: batch.endBy
        )
        running.append(started)
        laneUse.change(to: running.count, at: now)
        noteUse(of: batch.model)
        advance(to: now)
        return started
    }

    /// A running batch has ended; nil where none of that number runs.
    mutating func finishBatch(_ order: OrderID, on server: EdgeServer) -> RunningBatch? {
        guard let place = running.firstIndex(where: { $0.order == order }) else { return nil }
        let ended = running.remove(at: place)
        laneUse.change(to: running.count, at: now)
        if running.isEmpty { executorTime.stop(at: now) }
        state.executing.removeAll()
        for batch in running { state.executing.formUnion(server.models[batch.model].blockSet) }
        unevictable.removeAll()
        advance(to: now)
        return ended
    }

    /// A running batch is ended by `end` at the latest.
    mutating func bound(_ order: OrderID, by end: Double) {
        guard let place = running.firstIndex(where: { $0.order == order }) else { return }
        running[place].endBy = min(running[place].endBy, end)
    }

    /// The running batches that are overdue and have not been told to end; they count as told afterwards.
    mutating func takeOverdue() -> [RunningBatch] {
        var overdue: [RunningBatch] = []
        for place in running.indices where !running[place].isTerminated && now >= running[place].endBy {
            running[place].isTerminated = true
            overdue.append(running[place])
        }
        return overdue
    }

    /// When a running batch has to be looked at next.
    var nextOverdue: Double {
        running.reduce(.infinity) { $1.isTerminated ? $0 : min($0, $1.endBy) }
    }
}

/// What each model was given and when.
extension Accelerator {
    /// One more model, never used.
    mutating func appendModel() {
        loadedSinceRun.append(LoadTally())
        lastUsed.append(-.infinity)
    }

    /// The model of this index is another from now on.
    mutating func replaceModel(_ model: Int) {
        (loadedSinceRun[model], lastUsed[model]) = (LoadTally(), -.infinity)
    }

    mutating func noteUse(of model: Int) { lastUsed[model] = now }

    /// Adds to what was loaded for a model.
    mutating func noteLoaded(_ blocks: Int, bytes: Int, seconds: Double, for model: Int) {
        loadedSinceRun[model].blocks += blocks
        loadedSinceRun[model].bytes += bytes
        loadedSinceRun[model].seconds += seconds
    }

    /// What was loaded for a model since it last ran, which begins anew.
    mutating func takeTally(of model: Int) -> LoadTally {
        defer { loadedSinceRun[model] = LoadTally() }
        return loadedSinceRun[model]
    }

    /// A load for a model has come to its end, well or for good.
    mutating func noteSettled(_ model: Int) { loadedSinceRun[model].isRetry = false }

    /// A load for a model has failed: says whether it may be tried once more, which may be done only once.
    mutating func mayRetry(_ model: Int) -> Bool {
        loadedSinceRun[model].isRetry.toggle()
        return loadedSinceRun[model].isRetry
    }
}
