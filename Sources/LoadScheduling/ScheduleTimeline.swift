import ServingCore

/// When each batch of an ordered list loads, starts and ends at the earliest, and starts at the latest.
///
/// One value is kept and recomputed in place, so that asking again costs no allocation.
///
/// Forwards, loads run in batch order as `problem.md` says for the server's ``EdgeServer/Reuse`` and overlap, and a batch starts
/// at the end of its load, of its uploads, and when a lane is free (``LaneTimes/lane(readyAt:)``), whichever is last. Backwards, the
/// latest start is A_n = min(D_n, A_{n+1} - L_{n+1}) - tau_n, where n + 1 is the next batch on the same lane; with overlap the next
/// load does not come off, except where it waits for this batch to leave memory. A batch that is late already counts with the deadline it can still make, so that the others'
/// latest starts stay meaningful; ``lateRequests`` tells.
/// Blocks that the same models use are handled as one part (``BlockParts``), block by block only where a part of them makes room.
/// - Complexity: O(parts of all batches), and where memory is tight O(blocks evicted * log parts); O(batches) where only
///   times have changed (``recompute(_:on:from:)``). For another server or other blocks resident, O(blocks) more.
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
        /// When it, all batches before it and what ran at the moment of planning have ended.
        var allFinished = 0.0
        /// The lane it runs on.
        public var lane = 0

        /// That of a batch that was not come to.
        static var never: Entry { Entry(start: .infinity, finish: .infinity, allFinished: .infinity) }
    }

    /// The times, one entry per batch.
    public internal(set) var entries: [Entry] = []
    /// When each batch would end if the uplink had no limit.
    public internal(set) var finishesByLoads: [Double] = []
    /// When a lane would be free for each batch, and for one after all, if the uplink had no limit; kept for several lanes only.
    var lanesFreeByLoads: [Double] = []
    /// How many lanes there were in the last pass.
    var laneCount = 1
    /// How many requests would be in batches that end after their deadline if the uplink had no limit.
    public internal(set) var lateRequestsByLoads = 0
    /// How many requests are in batches that end after their deadline.
    public internal(set) var lateRequests = 0
    /// What the least shares of all paced uploads sum to, in hertz; with shares that vary, the least capacity that would do.
    public internal(set) var leastShareTotal = 0.0
    /// Whether a batch does not fit in memory even alone.
    public internal(set) var exceedsMemory = false
    /// The factor by which the least shares grow to use the whole uplink; under 1 where they do not fit, 1 where it does not bind.
    /// With shares that vary, the factor by which all the uploads' work could grow.
    public internal(set) var uplinkScale = 1.0
    /// For each batch, the blocks its load brings in; kept only where ``recordsBlocks`` is set.
    public internal(set) var loadedBlocks: [[Int]] = []
    /// For each batch, the blocks evicted before its load; kept only where ``recordsBlocks`` is set.
    public internal(set) var evictedBlocks: [[Int]] = []
    /// Whether the blocks of each load are recorded.
    public let recordsBlocks: Bool

    /// What is known of the loads in the pass at hand, and in the other: that with paced uploads while ``record`` is that without.
    var record = LoadRecord()
    var otherRecord = LoadRecord()
    var residency = Residency()
    var window = MemoryWindow()
    /// Whether ``residency`` is what is resident before the batch at hand, so that its load is found and not repeated.
    var isSimulating = false
    /// How many times in this pass it came to that.
    var simulations = 0
    /// After so many times it stays at that.
    static let maximumSimulations = 8
    /// The batch whose load is found whatever is known of it, and the one before which none is repeated again.
    var firstChange = Int.max
    var lastChange = -1
    /// A batch the others' waits for room do not know yet; `.max` for none.
    var newcomer = Int.max
    /// Where the run of ``window`` began when it was moved last in this pass; -1 where it was not.
    var windowStart = -1
    /// Where ``firstUnfinished(before:at:_:)`` stands in this pass.
    var unfinished = -1
    var isLoading = false
    var isExecuting = false
    /// The batch that ``record`` does not know yet.
    var insertedBatch: Int?
    /// The batch that ``otherRecord`` does not know yet.
    var otherInsertedBatch: Int?
    var releases: [Double] = []
    /// What is known without uploads while ``entries`` are those with them.
    var byLoads = TimesByLoads()
    /// Whether ``entries`` are those with uploads.
    var isDelayed = false
    var latestEnd: [Double] = []
    /// Looked at on the way where there are many batches; nil for never.
    var watch: BudgetWatch?
    /// Whether a pass ends where ``watch`` says that the budget is used up: the batches from there on are late then.
    var isCutShort = true

    /// The models of the batches of the last time.
    var models: [Int] = []
    var rules: Rules?

    /// After how many late requests passes stop; nil for never.
    var limit: LatenessLimit?
    /// Whether a pass stopped at ``limit``: times of later batches, latest starts and shares are not known then, unless it was the
    /// pass with uploads. Of the batches not come to everybody counts as late.
    public internal(set) var hasStopped = false
    /// Whether latest starts and shares were found.
    public var hasShares: Bool { !hasStopped || isDelayed }
    /// The steps that were found anew in the pass at hand, as they were: of one that stops nothing is kept. At most one for each batch.
    var replaced: [(index: Int, step: LoadStep)] = []

    /// Makes an empty timeline.
    public init(recordsBlocks: Bool = false) {
        self.recordsBlocks = recordsBlocks
    }

    /// Whether everything ends in time, fits in memory, and the uplink suffices.
    public var isFeasible: Bool { lateRequests == 0 && !exceedsMemory && uplinkSuffices }

    /// Whether the least shares fit on the uplink.
    public var uplinkSuffices: Bool { uplinkScale >= 1 - 1e-12 }

    /// When all batches have ended; `now` for an empty list.
    public internal(set) var end = 0.0

    /// Bytes all loads move.
    public var loadedBytes: Int { entries.reduce(0) { $0 &+ $1.loadBytes } }

    /// When the last load ends; the loader's own time where nothing is loaded.
    var loaderEnd = 0.0

    /// Computes every time anew for `batches` in this order.
    public mutating func compute(_ batches: [BatchOutline], on server: EdgeServer, from state: ServerState) {
        if keepsLoads(batches, server, state) {
            settle()
            return recompute(batches, on: server, from: state)
        }
        record.begin(batches: batches.count)
        otherRecord.begin(batches: 0)
        otherInsertedBatch = nil
        residency.sequence.reset()
        residency.table.update(for: server, state)
        noteModels(batches)
        rules = Rules(server)
        computeTimes(batches, server, state)
    }

    /// When the uploads' delays are computed, which takes as long as all else.
    public enum Delays: Hashable, Sendable {
        /// Where there are paced uploads.
        case always
        /// Only where the uplink suffices for all of them: else times are those of an endless uplink.
        case ifUplinkSuffices
        /// Not at all: times are those of an endless uplink.
        case never
    }

    /// As ``compute(_:on:from:)``, for the same models in the same order and blocks resident, loading, pinned and executing as
    /// the last time: only times, numbers of requests, deadlines and uploads may differ.
    /// - Complexity: O(batches), and the blocks of those batches that the times make load or evict others than before.
    public mutating func recompute(
        _ batches: [BatchOutline],
        on server: EdgeServer,
        from state: ServerState,
        delays: Delays = .always
    ) {
        let isKnown = record.isComplete && record.steps.count == batches.count + 1
        guard isKnown, !recordsBlocks else {
            return compute(batches, on: server, from: state)
        }
        computeTimes(batches, server, state, delays)
    }

    /// As ``recompute(_:on:from:delays:)``, where nothing but deadlines and paced uploads' work differs from the last time.
    /// - Complexity: O(batches); with `delays`, that of ``recompute(_:on:from:delays:)``.
    public mutating func reconsider(
        _ batches: [BatchOutline],
        on server: EdgeServer,
        from state: ServerState,
        delays: Delays = .always,
        upTo limit: LatenessLimit? = nil
    ) {
        if isDelayed { restoreTimesByLoads() }
        self.limit = limit
        defer { self.limit = nil }
        judge(batches, server, state, delays)
    }

    /// As ``recompute(_:on:from:)``, where it is `other` that was computed for those models and blocks; without the batch at
    /// `inserted`, where there is one. With a `limit` it says no more than who is late once too many are; it can be computed
    /// after this, but nothing after it then.
    /// - Complexity: O(batches), and the blocks of those batches that load or evict others than before.
    public mutating func compute(
        _ batches: [BatchOutline],
        after other: ScheduleTimeline,
        inserting inserted: Int? = nil,
        on server: EdgeServer,
        from state: ServerState,
        delays: Delays = .always,
        upTo limit: LatenessLimit? = nil
    ) {
        noteModels(batches)
        rules = other.rules
        record.assign(other.record)
        otherRecord.assign(other.otherRecord)
        otherInsertedBatch = nil
        // Of a record that lacks one batch already nothing is known.
        if other.otherInsertedBatch != nil { otherRecord.begin(batches: 0) }
        residency.table = other.residency.table
        residency.sequence.assign(
            other.residency.sequence,
            inserting: inserted.map { batches[$0].model },
            at: inserted ?? 0,
            &residency.table
        )
        insertedBatch = inserted
        self.limit = limit
        defer {
            insertedBatch = nil
            self.limit = nil
        }
        if let inserted {
            record.insert(at: inserted)
            if otherRecord.isComplete, otherRecord.steps.count == batches.count {
                otherRecord.insert(at: inserted)
                otherInsertedBatch = inserted
            }
        }
        recompute(batches, on: server, from: state, delays: delays)
    }

    /// How many elements its records hold in all: level, however often it is computed.
    public var recordedCount: Int { record.count + otherRecord.count + replaced.count }

    /// Drops what was found before and is not needed for further questions.
    /// - Complexity: O(batches, and blocks loaded and evicted).
    public mutating func settle() {
        record.settle()
        otherRecord.settle()
    }
}

extension ScheduleTimeline {
    private mutating func computeTimes(
        _ batches: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState,
        _ delays: Delays = .always
    ) {
        releases.removeAll(keepingCapacity: true)
        isDelayed = false
        hasStopped = false
        isLoading = !state.loading.isEmpty
        isExecuting = !state.executing.isEmpty
        lanesFreeByLoads.removeAll(keepingCapacity: true)
        passForwards(batches, server, state)
        finishesByLoads.removeAll(keepingCapacity: true)
        for entry in entries { finishesByLoads.append(entry.finish) }
        if hasStopped { return giveUp(batches) }
        judge(batches, server, state, delays)
    }

    /// What follows from the times by loads: who is late, latest starts, shares, and what uploads delay.
    private mutating func judge(
        _ batches: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState,
        _ delays: Delays
    ) {
        hasStopped = false
        lateRequestsByLoads = countLate(batches)
        lateRequests = lateRequestsByLoads
        passBackwards(batches, server)
        shareUplink(batches, server, state)
        guard leastShareTotal > 0, delays == .always || (delays == .ifUplinkSuffices && uplinkSuffices) else { return }
        // Who is late without uploads will hardly be in time with them.
        if let limit, lateRequestsByLoads > limit.requests { return }
        delayForUploads(batches, server, state)
    }

    /// Leaves it at what a pass that stopped has found; of its loads nothing is taken over.
    private mutating func giveUp(_ batches: [BatchOutline]) {
        lateRequestsByLoads = countLate(batches)
        lateRequests = lateRequestsByLoads
        leastShareTotal = 0
        uplinkScale = 1
        record.begin(batches: batches.count)
        otherRecord.begin(batches: 0)
    }
}
