import LoadScheduling
import ServingCore

/// What loads and batches are expected to take: what was observed of them, and the server that plans are made on with it.
///
/// It is the only writer of the server, so that after each call the seconds of every model and block there are the estimate of its
/// kind times the factors of the machine, the margin and the caution of the last call that was worth passing on: within
/// ``worthwhileMove`` of what is known. Caution is what plans leave free of all beyond that; it is told anew with each call and
/// never kept.
struct CostModel: Sendable {
    /// The server as plans see it, every estimate with its margin.
    private(set) var server: EdgeServer
    /// What was observed of loads.
    private(set) var loads: LoadEstimates
    /// What was observed of batches.
    private(set) var batches: ComputeEstimates
    private let staleAfter: Double
    /// The factors the server's estimates were published with last, for all blocks and all models.
    private var published = (load: 0.0, batch: 0.0)
    /// How often each block was used, faded with time; kept on a scale that grows instead, so that nothing must be faded.
    private var usage: [Double] = []
    private var usageEpoch = 0.0

    /// By what part the factors of all estimates move before it is worth the walk to pass them on to all.
    static let worthwhileMove = 0.02
    /// Uses count half after this many seconds when it is decided which block is worth keeping.
    private static let usageHalfLife = 10.0

    init(server: EdgeServer, estimates: EstimateConfiguration) {
        self.server = server
        loads = LoadEstimates(estimates)
        batches = ComputeEstimates(estimates, lanes: server.lanes)
        self.server.laneSlowdown = batches.lanes.cost
        staleAfter = estimates.staleAfter.inSeconds
    }

    /// How many blocks it keeps count of.
    var usageCount: Int { usage.count }
}

/// Predictions.
extension CostModel {
    /// Mean seconds of a batch, as batches usually run.
    func seconds(of model: Int, requests: Int) -> Double { batches.seconds(of: model, requests: requests) }

    /// Mean seconds to load `blocks` from now on, beside a batch or not.
    func loadSeconds(of blocks: [Int], isBeside: Bool) -> Double {
        blocks.reduce(0) { $0 + loads.quietSeconds(of: $1) } * loads.contention.factor(isBeside: isBeside)
    }

    /// Seconds to load `blocks`, all margins included.
    func plannedLoadSeconds(of blocks: some Sequence<Int>) -> Double {
        blocks.reduce(0) { $0 + server.blocks[$1].loadSeconds }
    }

    /// By what factor plans are on the safe side.
    func margin(caution: Double) -> Double { batches.margin.factor * caution }
}

/// The catalog.
extension CostModel {
    /// Adds a model of this shape, or puts it in the `place` of one that nothing refers to any more.
    mutating func insert(
        _ model: EdgeServer.Model,
        at place: Int,
        _ estimate: ComputeEstimate,
        shape: [Int],
        caution: Double
    ) {
        if place < server.models.count {
            batches.replace(place, with: estimate, shape: shape)
            server.models[place] = model
        } else {
            batches.append(estimate, shape: shape)
            server.models.append(model)
        }
        publishBatch(of: place, caution)
    }

    /// Adds a block, or puts it in the `place` of one that nothing refers to any more.
    mutating func insertBlock(at place: Int, bytes: Int, measured: Double?, caution: Double) {
        let block = EdgeServer.Block(bytes: bytes, loadSeconds: 0)
        if place < server.blocks.count {
            loads.replace(place, bytes: bytes, measured: measured)
            (usage[place], server.blocks[place]) = (0, block)
        } else {
            loads.append(bytes: bytes, measured: measured)
            usage.append(0)
            server.blocks.append(block)
        }
        publishLoad(of: place, caution)
    }

    /// Nothing refers to a model any more: its blocks need not be kept for it.
    mutating func clear(_ model: Int) {
        let limit = server.models[model].maximumBatchSize
        server.models[model] = EdgeServer.Model(
            blocks: [],
            baseSeconds: 0,
            itemSeconds: 0,
            maximumBatchSize: limit
        )
    }

    /// To be called when models or blocks were inserted.
    mutating func groupBlocks() { server.groupBlocks() }

    mutating func setBytes(_ bytes: Int, of block: Int) { server.blocks[block].bytes = bytes }

    mutating func setUplink(_ uplink: Hertz) { server.uplink = uplink }
}

/// What is observed. Each of these says whether the estimates of other kinds have changed, too.
extension CostModel {
    /// One batch of a model.
    struct BatchSample {
        var model: Int
        /// How many tensors were run, one after the other.
        var runs: Int
        var requests: Int
        var seconds: Double
        /// The part of it during which something was loaded.
        var overlap: Double
        /// Whether it started beside a load.
        var wasBeside: Bool
        /// The part of the other lanes that was busy meanwhile, and when it started.
        var busyPart = 0.0
        var busyPartAtStart = 0.0
    }

    mutating func observe(_ batch: BatchSample, at now: Double, caution: Double) -> Bool {
        batches.observe(batch, at: now)
        publishBatch(of: batch.model, caution)
        let movesLanes = publishLanes()
        return publish(caution: caution) || movesLanes
    }

    /// What the blocks of one order took, `overlap` of it beside a batch.
    mutating func observe(
        _ loads: [(block: Int, bytes: Int, seconds: Double)],
        overlap: Double,
        wasBeside: Bool,
        caution: Double
    ) -> Bool {
        guard !loads.isEmpty else { return false }
        self.loads.observe(loads, overlap: overlap, wasBeside: wasBeside)
        for load in loads { publishLoad(of: load.block, caution) }
        return publish(caution: caution)
    }

    /// Passes on what is known now about all models and all blocks, where caution or margins have moved.
    /// - Complexity: O(1) where little has changed, else O(models), or O(blocks).
    mutating func publish(caution: Double) -> Bool {
        let batch = batches.planFactor * caution
        let load = loads.planFactor * caution * loads.guessScale
        let (movesBatches, movesLoads) = (Self.moves(published.batch, batch), Self.moves(published.load, load))
        if movesBatches {
            published.batch = batch
            for model in server.models.indices where batches.alike(model).first == model {
                publishBatch(of: model, caution)
            }
        }
        if movesLoads {
            published.load = load
            for block in server.blocks.indices where loads.alike(block).first == block {
                publishLoad(of: block, caution)
            }
        }
        return movesBatches || movesLoads
    }

    /// Passes on what busy lanes cost a batch, where that has moved.
    private mutating func publishLanes() -> Bool {
        let (old, new) = (server.laneSlowdown, batches.lanes.cost)
        guard Self.moves(1 + old, 1 + new) else { return false }
        server.laneSlowdown = new
        return true
    }

    private static func moves(_ old: Double, _ new: Double) -> Bool { abs(new / old - 1) > worthwhileMove }

    /// Halves a model's estimate, and those of the blocks it `misses`, if nothing has confirmed it for long; says whether it did.
    mutating func relaxIfStale(_ model: Int, missing: [Int], at now: Double, caution: Double) -> Bool {
        guard batches.relaxIfStale(model, at: now, staleAfter: staleAfter) else { return false }
        publishBatch(of: model, caution)
        for block in missing {
            loads.relax(block)
            publishLoad(of: block, caution)
        }
        return true
    }

    /// Counts one use of each of a model's blocks.
    /// - Complexity: O(blocks of the model), and O(blocks) where a timeline still shares the server's blocks.
    mutating func noteUse(of model: Int, at now: Double) {
        let age = (now - usageEpoch) / Self.usageHalfLife
        if age > 500 || age < 0 { rebaseUsage(at: now) }
        let weight = HalfLife.powerOfTwo(min((now - usageEpoch) / Self.usageHalfLife, 500))
        for block in server.models[model].blocks {
            usage[block] += weight
            publishRetention(of: block)
        }
    }

    /// Starts the growing scale anew before it overflows.
    private mutating func rebaseUsage(at now: Double) {
        let factor = HalfLife.powerOfTwo(-min((now - usageEpoch) / Self.usageHalfLife, 1000))
        usageEpoch = now
        for block in usage.indices {
            usage[block] *= factor
            publishRetention(of: block)
        }
    }

    /// Puts the estimate of a model and those alike, all margins included, where plans read it.
    private mutating func publishBatch(of model: Int, _ caution: Double) {
        let (estimate, factor) = (batches[model], batches.planFactor * caution)
        for alike in batches.alike(model) {
            server.models[alike].baseSeconds = estimate.base * factor
            server.models[alike].itemSeconds = estimate.item * factor
        }
    }

    /// The same for a block and those alike.
    private mutating func publishLoad(of block: Int, _ caution: Double) {
        let seconds = loads.plannedSeconds(of: block) * caution
        for alike in loads.alike(block) {
            server.blocks[alike].loadSeconds = seconds
            publishRetention(of: alike)
        }
    }

    /// What a block is worth keeping for: load seconds saved per byte, as often as it is used.
    private mutating func publishRetention(of block: Int) {
        let saved = server.blocks[block].loadSeconds / Double(max(server.blocks[block].bytes, 1))
        server.blocks[block].retention = saved * usage[block]
    }
}
