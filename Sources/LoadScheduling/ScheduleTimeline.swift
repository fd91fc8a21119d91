import ServingCore

/// When each batch of an ordered list loads, starts and ends at the earliest, and starts at the latest.
///
/// One value is kept and recomputed in place, so that asking again costs no allocation.
///
/// Forwards, loads run in batch order as `problem.md` says for the server's ``EdgeServer/Reuse`` and overlap, and a batch starts
/// at the end of its load, of the batch before, and of its uploads, whichever is last. Backwards, the latest start is
/// A_n = min(D_n, A_{n+1} - L_{n+1}) - tau_n; with overlap the next load does not come off, except where it waits for this
/// batch to leave memory. A batch that is late already counts with the deadline it can still make, so that the others'
/// latest starts stay meaningful; ``lateRequests`` tells.
/// - Complexity: O(batches + blocks of the batches that miss some); where memory is tight, each batch that needs room adds
///   O(batches * blocks / 64).
public struct ScheduleTimeline: Sendable {
    /// The times of one batch, in seconds on the state's axis.
    public struct Entry: Hashable, Sendable {
        /// When its load starts at the earliest.
        public var loadStart = 0.0
        /// When its load ends at the earliest; its start where nothing is missing.
        public var loadEnd = 0.0
        /// How long its load takes (L_n).
        public var loadSeconds = 0.0
        /// Bytes its load moves.
        public var loadBytes = 0
        /// When its inference starts at the earliest (a_n).
        public var start = 0.0
        /// When its inference ends at the earliest (c_n).
        public var finish = 0.0
        /// When its inference can start at the latest (A_n).
        public var latestStart = 0.0
        /// The batch whose end its load waits for because memory is full: an index, or -1 for none.
        var waitsFor = -1
    }

    /// The times, one entry per batch.
    public private(set) var entries: [Entry] = []
    /// How many requests are in batches that end after their deadline.
    public private(set) var lateRequests = 0
    /// What the least shares of all paced uploads sum to, in hertz.
    public private(set) var leastShareTotal = 0.0
    /// Whether a batch does not fit in memory even alone.
    public private(set) var exceedsMemory = false
    /// The factor by which the least shares grow to use the whole uplink; under 1 where they do not fit, 1 where it does not bind.
    public private(set) var uplinkScale = 1.0
    /// For each batch, the blocks its load brings in; kept only where ``recordsBlocks`` is set.
    public private(set) var loadedBlocks: [[Int]] = []
    /// For each batch, the blocks evicted before its load; kept only where ``recordsBlocks`` is set.
    public private(set) var evictedBlocks: [[Int]] = []
    /// Whether the blocks of each load are recorded.
    public let recordsBlocks: Bool

    private var residency = Residency()
    private var latestEnd: [Double] = []

    /// Makes an empty timeline.
    public init(recordsBlocks: Bool = false) {
        self.recordsBlocks = recordsBlocks
    }

    /// Whether everything ends in time, fits in memory, and the uplink suffices.
    public var isFeasible: Bool { lateRequests == 0 && !exceedsMemory && uplinkSuffices }

    /// Whether the least shares fit on the uplink.
    public var uplinkSuffices: Bool { uplinkScale >= 1 - 1e-12 }

    /// When the last batch ends; `now` for an empty list.
    public private(set) var end = 0.0

    /// Bytes all loads move.
    public var loadedBytes: Int { entries.reduce(0) { $0 &+ $1.loadBytes } }

    /// Computes every time anew for `batches` in this order.
    public mutating func compute(_ batches: [BatchOutline], on server: EdgeServer, from state: ServerState) {
        entries.removeAll(keepingCapacity: true)
        exceedsMemory = false
        if recordsBlocks {
            loadedBlocks.removeAll(keepingCapacity: true)
            evictedBlocks.removeAll(keepingCapacity: true)
        }
        passForwards(batches, server, state)
        passBackwards(batches, server)
        shareUplink(batches, server, state)
        if leastShareTotal > 0 { delayForUploads(batches, server, state) }
        countLate(batches, state)
    }
}

extension ScheduleTimeline {
    private mutating func passForwards(_ batches: [BatchOutline], _ server: EdgeServer, _ state: ServerState) {
        var loader = max(state.loaderFree, state.now)
        var executor = max(state.executorFree, state.now)
        let needsLoads =
            recordsBlocks || server.reuse == .consecutive
            || batches.contains { !server.models[$0.model].blockSet.isSubset(of: state.resident) }
        if needsLoads { residency.begin(state, on: server) }
        for index in batches.indices {
            var entry = Entry()
            entry.loadStart = server.overlap ? loader : executor
            if needsLoads {
                load(index, batches, server, state, &entry)
            }
            settleLoad(of: batches[index].model, server, state, &loader, &entry)
            entry.start = max(max(entry.loadEnd, executor), batches[index].uploadEnd)
            entry.finish = entry.start + server.models[batches[index].model].seconds(batch: batches[index].count)
            executor = entry.finish
            entries.append(entry)
        }
        end = executor
    }

    /// Sets when the load of a batch of `model` ends; one with nothing to load does not queue behind other loads.
    private func settleLoad(
        of model: Int,
        _ server: EdgeServer,
        _ state: ServerState,
        _ loader: inout Double,
        _ entry: inout Entry
    ) {
        if entry.loadSeconds > 0 || entry.loadBytes > 0 || !server.overlap {
            entry.loadEnd = entry.loadStart + entry.loadSeconds
            loader = max(loader, entry.loadEnd)
            return
        }
        let comesWithLoadInFlight = server.models[model].blockSet.intersects(state.loading)
        entry.loadStart = comesWithLoadInFlight ? max(state.loaderFree, state.now) : state.now
        entry.loadEnd = entry.loadStart
    }

    /// Finds what batch `index` must load, makes room for it, and moves its load's start to when there is room.
    private mutating func load(
        _ index: Int,
        _ batches: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState,
        _ entry: inout Entry
    ) {
        let model = batches[index].model
        if server.reuse == .consecutive, index > 0 {
            residency.keepOnly(server.models[batches[index - 1].model].blockSet, on: server)
        }
        if recordsBlocks { loadedBlocks.append(server.models[model].blocks.filter { !residency.contains($0) }) }
        residency.evicted.removeAll(keepingCapacity: true)
        let missing = residency.missing(of: server.models[model].blocks, on: server)
        entry.loadSeconds = missing.seconds
        entry.loadBytes = missing.bytes
        if missing.bytes > 0 || missing.seconds > 0 {
            waitForRoom(index, batches, server, state, &entry)
            residency.makeRoom(missing.bytes, for: index, of: batches, on: server)
            residency.insert(server.models[model].blocks, on: server)
        }
        if recordsBlocks { evictedBlocks.append(residency.evicted) }
    }

    /// Moves the load of batch `index` to the earliest time its blocks fit beside those of every unfinished batch.
    ///
    /// Leaves the blocks that must not be evicted then in `residency.protected`.
    private mutating func waitForRoom(
        _ index: Int,
        _ batches: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState,
        _ entry: inout Entry
    ) {
        let blocks = server.models[batches[index].model].blockSet
        while true {
            var nextEnd = Double.infinity
            var waitsFor = -1
            residency.protected.assign(state.pinned)
            residency.protected.formUnion(blocks)
            if state.executorFree > entry.loadStart, !state.executing.isEmpty {
                residency.protected.formUnion(state.executing)
                nextEnd = state.executorFree
            }
            for earlier in (0..<index).reversed() {
                guard entries[earlier].finish > entry.loadStart else { break }
                residency.protected.formUnion(server.models[batches[earlier].model].blockSet)
                if entries[earlier].finish <= nextEnd {
                    nextEnd = entries[earlier].finish
                    waitsFor = earlier
                }
            }
            if residency.isRoomy(on: server) { return }
            guard nextEnd.isFinite else {
                exceedsMemory = true
                return
            }
            entry.loadStart = nextEnd
            entry.waitsFor = waitsFor
        }
    }

    private mutating func passBackwards(_ batches: [BatchOutline], _ server: EdgeServer) {
        latestEnd.removeAll(keepingCapacity: true)
        latestEnd.append(contentsOf: repeatElement(.infinity, count: batches.count))
        var nextStart = Double.infinity
        var nextLoad = Double.infinity
        for index in batches.indices.reversed() {
            let deadline = max(batches[index].deadline, entries[index].finish)
            let end = min(min(deadline, nextStart), latestEnd[index])
            let latest = end - (entries[index].finish - entries[index].start)
            entries[index].latestStart = latest
            nextLoad = min(latest, nextLoad) - entries[index].loadSeconds
            nextStart = server.overlap ? latest : nextLoad
            let waitsFor = entries[index].waitsFor
            if waitsFor >= 0 { latestEnd[waitsFor] = min(latestEnd[waitsFor], nextLoad) }
        }
    }

    private mutating func shareUplink(_ batches: [BatchOutline], _ server: EdgeServer, _ state: ServerState) {
        leastShareTotal = 0
        for index in batches.indices where batches[index].uplinkWork > 0 {
            leastShareTotal += batches[index].uplinkWork / window(of: index, batches, state)
        }
        uplinkScale = 1
        guard leastShareTotal > 0, server.uplink.rawValue.isFinite else { return }
        uplinkScale = max(server.uplink.rawValue, 0) / leastShareTotal
    }

    /// Seconds the uploads of batch `index` may take; never less than a millisecond where the batch is late anyway.
    private func window(of index: Int, _ batches: [BatchOutline], _ state: ServerState) -> Double {
        let window = entries[index].latestStart - state.now
        return entries[index].finish > batches[index].deadline ? max(window, 1e-3) : max(window, 0)
    }

    /// Starts each batch no earlier than its paced uploads end; loads keep their order and what they wait for.
    private mutating func delayForUploads(
        _ batches: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState
    ) {
        var executor = max(state.executorFree, state.now)
        var loader = max(state.loaderFree, state.now)
        let scale = server.uplink.rawValue.isFinite ? max(uplinkScale, 1e-9) : 1
        for index in batches.indices {
            let seconds = entries[index].finish - entries[index].start
            delayLoad(index, server, executor, &loader)
            var start = max(max(entries[index].loadEnd, executor), batches[index].uploadEnd)
            if batches[index].uplinkWork > 0 {
                start = max(start, state.now + window(of: index, batches, state) / scale)
            }
            entries[index].start = start
            entries[index].finish = start + seconds
            executor = entries[index].finish
        }
        end = executor
    }

    private mutating func delayLoad(_ index: Int, _ server: EdgeServer, _ executor: Double, _ loader: inout Double) {
        guard entries[index].loadSeconds > 0 || !server.overlap else { return }
        var start = max(entries[index].loadStart, server.overlap ? loader : executor)
        if entries[index].waitsFor >= 0 { start = max(start, entries[entries[index].waitsFor].finish) }
        entries[index].loadStart = start
        entries[index].loadEnd = start + entries[index].loadSeconds
        loader = entries[index].loadEnd
    }

    private mutating func countLate(_ batches: [BatchOutline], _ state: ServerState) {
        lateRequests = 0
        for index in batches.indices where isLate(index, batches) {
            lateRequests += batches[index].count
        }
    }

    /// Whether batch `index` ends after its deadline; a nanosecond of rounding is not late.
    func isLate(_ index: Int, _ batches: [BatchOutline]) -> Bool {
        entries[index].finish > batches[index].deadline + 1e-9
    }
}
