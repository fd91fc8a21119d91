import LoadScheduling
import ServingCore

extension Dispatcher {
    /// Learns from a batch what its model takes.
    mutating func learn(from result: BatchResult, of batch: RunningBatch, _ actions: inout [DispatchAction]) {
        guard result.isTypical else { return }
        let ran = result.groupSizes.reduce(0, +)
        let requests = ran > 0 ? ran : batch.slots.count - result.failed.count
        guard requests > 0 else { return }
        let sample = CostModel.BatchSample(
            model: batch.model,
            runs: max(result.groupSizes.count, 1),
            requests: requests,
            seconds: result.duration.inSeconds,
            overlap: accelerator.overlap(of: batch),
            wasBeside: batch.isBeside,
            busyPart: accelerator.busyPart(during: batch),
            busyPartAtStart: batch.busyPart
        )
        let estimated = costs.batches.seconds(
            of: batch.model,
            runs: sample.runs,
            requests: requests,
            isBeside: batch.isBeside,
            busyPart: batch.busyPart
        )
        actions.append(.estimateChecked(check(.compute, batch.model, estimated, sample.seconds)))
        if costs.observe(sample, at: state.now, caution: caution) { queue.noteMachineChange() }
    }

    /// Learns from an order what its blocks take.
    mutating func learn(_ loads: [(block: Int, bytes: Int, seconds: Double)], of order: LoadInFlight) {
        let overlap = accelerator.overlap(of: order)
        let isMoved = costs.observe(loads, overlap: overlap, wasBeside: order.isBeside, caution: caution)
        if isMoved { queue.noteMachineChange() }
    }

    /// Brings the server up to date with margins that have faded.
    mutating func publishEstimates() {
        if costs.publish(caution: caution) { queue.noteMachineChange() }
    }

    func check(_ stage: EstimateCheck.Stage, _ model: Int, _ estimated: Double, _ actual: Double) -> EstimateCheck {
        EstimateCheck(
            stage: stage,
            model: catalog.modelIDs[model],
            estimated: Self.duration(estimated),
            actual: Self.duration(actual)
        )
    }

    /// Whether a request could not be in time, by what its model is estimated to take, if there were no other.
    func isTooLateAlone(_ entry: RequestTable.Entry) -> Bool {
        let model = server.models[entry.model]
        let load = costs.plannedLoadSeconds(of: accelerator.missing(of: model))
        return max(state.now + load, entry.uploadEnd) + model.seconds(batch: 1) > entry.planned
    }

    /// Halves a model's estimate, and those of the blocks it misses, if nothing has confirmed it for long.
    mutating func relaxIfStale(_ model: Int) -> Bool {
        let missing = accelerator.missing(of: server.models[model])
        guard costs.relaxIfStale(model, missing: missing, at: state.now, caution: caution) else { return false }
        queue.noteMachineChange()
        return true
    }
}
