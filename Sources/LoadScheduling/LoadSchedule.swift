public import ServingCore

/// A schedule: ordered batches with their times, a share of the uplink for each request served, and who is not served.
public struct LoadSchedule: Hashable, Sendable {
    /// One batch; times in seconds on the state's axis.
    public struct Batch: Hashable, Sendable {
        /// Which model runs (i_n of the paper).
        public var model: Int
        /// The requests it holds (S_n), by index.
        public var requests: [Int]
        /// When its load starts.
        public var loadStart: Double
        /// When its inference starts (a_n).
        public var inferStart: Double
        /// When its inference ends (c_n).
        public var finish: Double
        /// The blocks its load brings in, by index.
        public var loadedBlocks: [Int]
        /// The blocks evicted before that load, by index.
        public var evictedBlocks: [Int]

        /// Makes a batch.
        public init(
            model: Int,
            requests: [Int],
            loadStart: Double,
            inferStart: Double,
            finish: Double,
            loadedBlocks: [Int],
            evictedBlocks: [Int] = []
        ) {
            self.model = model
            self.requests = requests
            self.loadStart = loadStart
            self.inferStart = inferStart
            self.finish = finish
            self.loadedBlocks = loadedBlocks
            self.evictedBlocks = evictedBlocks
        }
    }

    /// When an upload has the whole uplink to itself; seconds on the state's axis.
    public struct UploadTurn: Hashable, Sendable {
        /// When it starts.
        public var start: Double
        /// When it ends.
        public var end: Double

        /// Makes a turn.
        public init(start: Double, end: Double) {
            self.start = start
            self.end = end
        }
    }

    /// Why a request is not served.
    public enum UnservedReason: String, Hashable, Sendable, CaseIterable {
        /// It would be late.
        case deadline
        /// The uplink cannot carry its upload in time.
        case uplink
        /// Its model does not fit in memory.
        case memory
    }

    /// The batches, in order.
    public var batches: [Batch]
    /// For each request of the problem, its share: all the time, or during its turn; nil where it is not served.
    public var shares: [Hertz?]
    /// For each request of the problem, when its share is granted; empty where shares are constant: from the moment of planning on.
    public var turns: [UploadTurn?]
    /// The requests that are not served, by index.
    public var unserved: [Int: UnservedReason]

    /// Makes a schedule.
    public init(
        batches: [Batch] = [],
        shares: [Hertz?] = [],
        turns: [UploadTurn?] = [],
        unserved: [Int: UnservedReason] = [:]
    ) {
        self.batches = batches
        self.shares = shares
        self.turns = turns
        self.unserved = unserved
    }

    /// How many requests are served: the task throughput.
    public var servedCount: Int { batches.reduce(0) { $0 + $1.requests.count } }
}
