import AdmissionControl
import BandwidthAllocation
import LoadScheduling
import ServingCore

/// The policies without a plan: everything is taken in, batches stand in the order of their first request or by deadline,
/// and the least recently used models make room.
extension Dispatcher {
    /// Takes a request in whatever its deadline is; refused only where the queue is full or its model can never fit.
    mutating func enqueue(_ entry: RequestTable.Entry) -> AdmissionVerdict {
        if let error = obstacle(to: entry) { return .reject(error) }
        accelerator.noteUse(of: entry.model)
        let room = server.models[entry.model].maximumBatchSize
        let placement = queue.makePlace(for: entry, room: room, byDeadline: configuration.policy == .edf)
        let admission = Admission(
            placement: placement,
            estimate: expectedTimes(of: entry),
            share: server.uplink.rawValue.isFinite ? equalShare(beside: sendingCount) : nil,
            latestStart: entry.deadline
        )
        return .admit(admission)
    }

    private func obstacle(to entry: RequestTable.Entry) -> ServingError? {
        guard queue.waitingCount < configuration.maximumQueuedRequests else {
            return ServingError(
                .queueFull,
                "\(queue.waitingCount) requests wait already, which is as many as may",
                retryAfter: .seconds(1)
            )
        }
        var needed = pins.claimed
        needed.formUnion(server.models[entry.model].blockSet)
        let bytes = server.bytes(of: needed)
        guard bytes > server.memoryBytes else { return nil }
        return ServingError(
            .memoryUnavailable,
            "the model and what is pinned need \(bytes) bytes of accelerator memory, of which there are \(server.memoryBytes)"
        )
    }

    /// What would be expected of a request that met no other; nothing is promised by it.
    private func expectedTimes(of entry: RequestTable.Entry) -> LatencyBreakdown {
        let missing = server.models[entry.model].blocks.lazy.filter { !self.state.resident.contains($0) }
        return LatencyBreakdown(
            upload: Self.duration(entry.uploadEnd.isFinite ? max(entry.uploadEnd - state.now, 0) : 0),
            load: Self.duration(missing.reduce(0) { $0 + self.costs.loads.seconds(of: $1) }),
            compute: Self.duration(costs.seconds(of: entry.model, requests: 1))
        )
    }
}

extension Dispatcher {
    /// The first batch that can run, as far as it is here; nil where nothing can, or should yet.
    mutating func chooseQueued() -> [Int]? {
        for index in plan.indices where plan.batches[index].readyCount > 0 && isUsable(plan.outlines[index].model) {
            let slots = fill(queue.readyMembers(of: index), from: index)
            let due = windowEnd(of: slots)
            if due <= state.now || slots.count >= server.models[plan.outlines[index].model].maximumBatchSize {
                return slots
            }
            wake.retry = min(wake.retry, due)
        }
        return nil
    }

    /// Until when a batch waits for more requests.
    private func windowEnd(of slots: [Int]) -> Double {
        guard configuration.policy == .lru, let first = slots.map({ requests[$0].progressed }).min() else {
            return state.now
        }
        return first + configuration.batchingWindow.inSeconds
    }

    /// Loads the model of the first request that waits for one, if it fits beside those that requests before it wait for.
    mutating func startQueuedLoad(_ actions: inout [DispatchAction]) -> Bool {
        var kept = state.executing
        for index in plan.indices where plan.batches[index].readyCount > 0 {
            let model = plan.outlines[index].model
            guard isResident(model) else { return load(model, purpose: .batch, keeping: kept, &actions) }
            kept.formUnion(server.models[model].blockSet)
        }
        return false
    }
}

extension Dispatcher {
    private var sendingCount: Int {
        plan.batches.reduce(0) { sum, batch in batch.members.reduce(sum) { $0 + (requests[$1].isSending ? 1 : 0) } }
    }

    private func equalShare(beside others: Int) -> Hertz { Hertz(server.uplink.rawValue / Double(others + 1)) }
}
