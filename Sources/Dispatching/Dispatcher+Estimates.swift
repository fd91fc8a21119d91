import LoadScheduling
import ServingCore

/// How often a block was used, faded with time; kept on a scale that grows instead, so that nothing must be faded.
struct BlockUsage: Sendable {
    var score = 0.0
}

extension Dispatcher {
    /// Uses count half after this many seconds when it is decided which block is worth keeping.
    private static let usageHalfLife = 10.0

    /// Learns from a batch what its model takes.
    mutating func learn(from result: BatchResult, of batch: RunningBatch, _ actions: inout [DispatchAction]) {
        guard result.isTypical else { return }
        let ran = result.groupSizes.reduce(0, +)
        let requests = ran > 0 ? ran : batch.slots.count - result.failed.count
        guard requests > 0 else { return }
        let runs = max(result.groupSizes.count, 1)
        let model = batch.model
        let estimated = computeEstimates.seconds(of: model, runs: runs, requests: requests, isBeside: batch.isBeside)
        let actual = result.duration.inSeconds
        actions.append(.estimateChecked(check(.compute, model, estimated, actual)))
        computeEstimates.observe(
            actual,
            of: model,
            runs: runs,
            requests: requests,
            overlap: Self.part(loaderTime.seconds(at: state.now) - batch.loaderSeconds, of: state.now - batch.start),
            wasBeside: batch.isBeside,
            at: state.now
        )
        publishComputeEstimate(of: model)
        publishEstimates()
    }

    /// By what part the factors of all estimates move before it is worth the walk to pass them on to all.
    private static let worthwhileMove = 0.02

    /// Passes on what is known now about all models and all blocks, margins that have faded since included.
    /// - Complexity: O(1) where little has changed, else O(models), or O(blocks).
    mutating func publishEstimates() {
        let caution = caution
        let (compute, load) = (computeEstimates.planFactor * caution, loadEstimates.planFactor * caution)
        if abs(compute / publishedFactors.compute - 1) > Self.worthwhileMove {
            publishedFactors.compute = compute
            planVersion += 1
            for model in server.models.indices where computeEstimates.alike(model).first == model {
                publishComputeEstimate(of: model)
            }
        }
        if abs(load * loadEstimates.guessScale / publishedFactors.load - 1) > Self.worthwhileMove {
            publishedFactors.load = load * loadEstimates.guessScale
            planVersion += 1
            for block in server.blocks.indices where loadEstimates.alike(block).first == block {
                publishLoadEstimate(of: block)
            }
        }
    }

    /// Learns from an order what its blocks take.
    mutating func learn(_ loads: [(block: Int, bytes: Int, seconds: Double)], of order: LoadInFlight) {
        guard !loads.isEmpty else { return }
        let busy = executorTime.seconds(at: state.now) - order.executorSeconds
        let overlap = Self.part(busy, of: state.now - order.start)
        loadEstimates.observe(loads, overlap: overlap, wasBeside: order.isBeside)
        for load in loads { publishLoadEstimate(of: load.block) }
        publishEstimates()
    }

    private static func part(_ seconds: Double, of whole: Double) -> Double {
        whole > 0 ? min(max(seconds / whole, 0), 1) : 0
    }

    func check(_ stage: EstimateCheck.Stage, _ model: Int, _ estimated: Double, _ actual: Double) -> EstimateCheck {
        EstimateCheck(
            stage: stage,
            model: catalog.modelIDs[model],
            estimated: Self.duration(estimated),
            actual: Self.duration(actual)
        )
    }

    /// Puts the estimate of a model and those alike, all margins included, where the timeline reads it.
    mutating func publishComputeEstimate(of model: Int) {
        let (estimate, factor) = (computeEstimates[model], computeEstimates.planFactor * caution)
        for alike in computeEstimates.alike(model) {
            server.models[alike].baseSeconds = estimate.base * factor
            server.models[alike].itemSeconds = estimate.item * factor
        }
    }

    /// The same for a block and those alike.
    mutating func publishLoadEstimate(of block: Int) {
        let seconds = loadEstimates.plannedSeconds(of: block) * caution
        for alike in loadEstimates.alike(block) {
            server.blocks[alike].loadSeconds = seconds
            publishRetention(of: alike)
        }
    }

    /// What a block is worth keeping for: load seconds saved per byte, as often as it is used.
    private mutating func publishRetention(of block: Int) {
        let saved = server.blocks[block].loadSeconds / Double(max(server.blocks[block].bytes, 1))
        server.blocks[block].retention = saved * usage[block].score
    }

    /// Counts one use of each of a model's blocks.
    /// - Complexity: O(blocks of the model), and O(blocks) where a timeline still shares the server's blocks.
    mutating func noteUse(of model: Int) {
        let age = (state.now - usageEpoch) / Self.usageHalfLife
        if age > 500 || age < 0 { rebaseUsage() }
        let weight = Self.powerOfTwo(min((state.now - usageEpoch) / Self.usageHalfLife, 500))
        for block in server.models[model].blocks {
            usage[block].score += weight
            publishRetention(of: block)
        }
    }

    /// Starts the growing scale anew before it overflows.
    private mutating func rebaseUsage() {
        let factor = Self.powerOfTwo(-min((state.now - usageEpoch) / Self.usageHalfLife, 1000))
        usageEpoch = state.now
        for block in usage.indices {
            usage[block].score *= factor
            publishRetention(of: block)
        }
    }

    /// 2 to the power of `exponent`, straight between whole powers: monotone, which is all a ranking needs.
    static func powerOfTwo(_ exponent: Double) -> Double {
        let whole = exponent.rounded(.down)
        return Double(sign: .plus, exponent: Int(whole), significand: 1 + (exponent - whole))
    }

    /// Whether a request could not be in time, by what its model is estimated to take, if there were no other.
    func isTooLateAlone(_ entry: RequestTable.Entry) -> Bool {
        let model = server.models[entry.model]
        // Nothing lazy, whose closure would take a copy of the dispatcher with it.
        let load = model.blocks.reduce(0) { state.resident.contains($1) ? $0 : $0 + server.blocks[$1].loadSeconds }
        return max(state.now + load, entry.uploadEnd) + model.seconds(batch: 1) > entry.planned
    }

    /// Halves a model's estimate, and those of the blocks it misses, if nothing has confirmed it for long.
    mutating func relaxIfStale(_ model: Int) -> Bool {
        let staleAfter = configuration.estimates.staleAfter.inSeconds
        guard computeEstimates.relaxIfStale(model, at: state.now, staleAfter: staleAfter) else { return false }
        planVersion += 1
        publishComputeEstimate(of: model)
        for block in server.models[model].blocks where !state.resident.contains(block) {
            loadEstimates.relax(block)
            publishLoadEstimate(of: block)
        }
        return true
    }
}
