public import ServingCore

/// The edge server a schedule is made for: blocks and models by dense index, memory, uplink, and how loads behave.
public struct EdgeServer: Hashable, Sendable {
    /// A parameter block (j of the paper).
    public struct Block: Hashable, Sendable {
        /// What it takes in accelerator memory (s_j).
        public var bytes: Int
        /// Seconds from host storage to accelerator memory (l_j).
        public var loadSeconds: Double
        /// How much keeping it is worth among blocks with no next use in the plan: higher stays longer.
        public var retention: Double

        /// Makes a block; without `retention` it is worth the load seconds it saves per byte.
        public init(bytes: Int, loadSeconds: Double, retention: Double? = nil) {
            self.bytes = bytes
            self.loadSeconds = loadSeconds
            self.retention = retention ?? loadSeconds / Double(max(bytes, 1))
        }
    }

    /// A model (i of the paper): a chain of blocks; a batch of b requests takes `baseSeconds + itemSeconds * b`.
    public struct Model: Hashable, Sendable {
        /// Its blocks, each once, in the order they run (B_i).
        public let blocks: [Int]
        /// Its blocks as a set.
        public let blockSet: BlockSet
        /// Seconds every batch takes, however small.
        public var baseSeconds: Double
        /// Seconds each request adds.
        public var itemSeconds: Double
        /// The most requests one batch may hold.
        public var maximumBatchSize: Int

        /// Makes a model; a block named twice counts once.
        public init(blocks: [Int], baseSeconds: Double, itemSeconds: Double, maximumBatchSize: Int = .max) {
            var seen = BlockSet()
            self.blocks = blocks.filter { seen.insert($0) }
            blockSet = seen
            self.baseSeconds = baseSeconds
            self.itemSeconds = itemSeconds
            self.maximumBatchSize = maximumBatchSize
        }

        /// Seconds a batch of `count` requests takes (tau_i of the paper).
        public func seconds(batch count: Int) -> Double { baseSeconds + itemSeconds * Double(count) }
    }

    /// What stays resident after a batch.
    public enum Reuse: String, Hashable, Sendable, CaseIterable {
        /// The paper's: only the blocks of the batch itself.
        case consecutive
        /// Beyond the paper: whatever fits; the block whose next use lies furthest away goes first.
        case retained
    }

    /// Whether the share of an upload may change while it runs.
    public enum Shares: String, Hashable, Sendable, CaseIterable {
        /// The paper's: one share for each upload from the start to its end.
        case constant
        /// Beyond the paper: uploads take turns on the whole uplink, those of earlier batches first.
        case varying
    }

    /// Every block; models name them by index.
    public var blocks: [Block]
    /// Every model; requests name them by index.
    public var models: [Model]
    /// Accelerator memory (M), in bytes.
    public var memoryBytes: Int
    /// What the uplink's users share (W); infinite where it does not bind.
    public var uplink: Hertz
    /// What stays resident after a batch.
    public var reuse: Reuse
    /// Whether a load runs beside the inference of the batch before.
    public var overlap: Bool
    /// Whether the share of an upload may change while it runs.
    public var shares: Shares
    /// How many batches run at once, on the same resident blocks; 1 is the paper's. More than one needs ``overlap``.
    public var lanes: Int
    /// By what part a batch takes longer where all other lanes are busy when it starts; in proportion where some are.
    public var laneSlowdown: Double

    /// The groups of ``groupBlocks()``; a hint that no longer holds is passed over.
    var hint = BlockGroupsHint()
    /// Whether it was told which blocks the same models use.
    var hasGroups: Bool { hint.groups != nil }

    /// Makes a server.
    public init(
        blocks: [Block] = [],
        models: [Model] = [],
        memoryBytes: Int,
        uplink: Hertz = Hertz(.infinity),
        reuse: Reuse = .retained,
        overlap: Bool = true,
        shares: Shares = .constant,
        lanes: Int = 1,
        laneSlowdown: Double = 0
    ) {
        self.blocks = blocks
        self.models = models
        self.memoryBytes = memoryBytes
        self.uplink = uplink
        self.reuse = reuse
        self.overlap = overlap
        self.shares = shares
        self.lanes = lanes
        self.laneSlowdown = laneSlowdown
    }

    /// The factor on what a batch takes that starts while `busyPart` of the other lanes is busy.
    public func slowdown(busyPart: Double) -> Double { lanes > 1 ? 1 + laneSlowdown * busyPart : 1 }

    /// Finds out which blocks the same models use, so that no timeline has to; to be asked again when a model or its chain is another.
    /// - Complexity: O(blocks of all models).
    public mutating func groupBlocks() { hint.groups = BlockGroups(of: self) }

    /// What a set of blocks takes in memory, in bytes.
    public func bytes(of set: BlockSet) -> Int {
        var sum = 0
        set.forEach { sum &+= blocks[$0].bytes }
        return sum
    }

    /// What a model takes in memory, in bytes.
    public func bytes(ofModel model: Int) -> Int {
        models[model].blocks.reduce(0) { $0 &+ blocks[$1].bytes }
    }
}
