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
        let ran = result.groupSizes.reduce(0, +)
        let requests = ran > 0 ? ran : batch.slots.count - result.failed.count
        guard requests > 0 else { return }
        let runs = max(result.groupSizes.count, 1)
        let estimated = computeEstimates[batch.model].seconds(runs: runs, requests: requests)
        let actual = result.duration.inSeconds
        actions.append(.estimateChecked(check(.compute, batch.model, estimated, actual)))
        computeEstimates[batch.model].observe(
            actual,
            runs: runs,
            requests: requests,
            at: state.now,
            configuration.estimates
        )
        publishComputeEstimate(of: batch.model)
    }

    /// Learns from one load what a block takes.
    mutating func learn(_ seconds: Double, of block: Int) {
        let scale = loadEstimates.guessScale * loadEstimates.margin
        loadEstimates.observe(seconds, of: block, bytes: server.blocks[block].bytes)
        publishLoadEstimate(of: block)
        // What was learned about all blocks is passed on to all when it has become worth the walk.
        let changed = loadEstimates.guessScale * loadEstimates.margin / scale
        if abs(changed - 1) > 0.02 {
            for other in server.blocks.indices { publishLoadEstimate(of: other) }
        }
    }

    func check(_ stage: EstimateCheck.Stage, _ model: Int, _ estimated: Double, _ actual: Double) -> EstimateCheck {
        EstimateCheck(
            stage: stage,
            model: catalog.modelIDs[model],
            estimated: Self.duration(estimated),
            actual: Self.duration(actual)
        )
    }

    /// Puts the estimate of a model, margin included, where the timeline reads it.
    func withMargin(_ estimate: ComputeEstimate) -> (base: Double, item: Double) {
        let margin = estimate.margin(configuration.estimates)
        return (estimate.base * margin, estimate.item * margin)
    }

    mutating func publishComputeEstimate(of model: Int) {
        let (base, item) = withMargin(computeEstimates[model])
        server.models[model].baseSeconds = base
        server.models[model].itemSeconds = item
    }

    mutating func publishLoadEstimate(of block: Int) {
        server.blocks[block].loadSeconds = loadEstimates.seconds(of: block) * loadEstimates.margin
        publishRetention(of: block)
    }

    /// What a block is worth keeping for: load seconds saved per byte, as often as it is used.
    private mutating func publishRetention(of block: Int) {
        let saved = server.blocks[block].loadSeconds / Double(max(server.blocks[block].bytes, 1))
        server.blocks[block].retention = saved * usage[block].score
    }

    /// Counts one use of each of a model's blocks.
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
    private static func powerOfTwo(_ exponent: Double) -> Double {
        let whole = exponent.rounded(.down)
        return Double(sign: .plus, exponent: Int(whole), significand: 1 + (exponent - whole))
    }

    /// Halves a model's estimate, and those of the blocks it misses, if nothing has confirmed it for long.
    mutating func relaxIfStale(_ model: Int) -> Bool {
        let staleAfter = configuration.estimates.staleAfter.inSeconds
        guard computeEstimates[model].relaxIfStale(at: state.now, staleAfter: staleAfter) else { return false }
        publishComputeEstimate(of: model)
        for block in server.models[model].blocks where !state.resident.contains(block) {
            loadEstimates.relax(block)
            publishLoadEstimate(of: block)
        }
        return true
    }
}
