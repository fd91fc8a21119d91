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
        lastUsed[entry.model] = state.now
        let placement = queuePlace(for: entry)
        let admission = Admission(
            placement: placement,
            estimate: expectedTimes(of: entry),
            share: server.uplink.rawValue.isFinite ? equalShare(beside: sendingCount) : nil,
            latestStart: entry.deadline
        )
        return .admit(admission)
    }

    private func obstacle(to entry: RequestTable.Entry) -> ServingError? {
        guard waitingCount < configuration.maximumQueuedRequests else {
            return ServingError(
                .queueFull,
                "\(waitingCount) requests wait already, which is as many as may",
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
        let missing = server.models[entry.model].blocks.filter { !state.resident.contains($0) }
        return LatencyBreakdown(
            upload: Self.duration(entry.uploadEnd.isFinite ? max(entry.uploadEnd - state.now, 0) : 0),
            load: Self.duration(missing.reduce(0) { $0 + loadEstimates.seconds(of: $1) }),
            compute: Self.duration(computeEstimates.seconds(of: entry.model, requests: 1))
        )
    }

    /// The youngest batch of its model that has room, else a new one at its place; the outlines hold it afterwards.
    private mutating func queuePlace(for entry: RequestTable.Entry) -> Placement {
        let deadline = entry.planned
        let room = server.models[entry.model].maximumBatchSize
        if let index = plan.outlines.lastIndex(where: { $0.model == entry.model && $0.count < room }) {
            plan.outlines[index].count += 1
            plan.outlines[index].deadline = min(plan.outlines[index].deadline, deadline)
            plan.outlines[index].uploadEnd = max(plan.outlines[index].uploadEnd, entry.uploadEnd)
            plan.outlines[index].uplinkWork += entry.work
            return .join(moveByDeadline(index))
        }
        let outline = BatchOutline(
            model: entry.model,
            count: 1,
            deadline: deadline,
            uploadEnd: entry.uploadEnd,
            uplinkWork: entry.work
        )
        let index = queueIndex(ofDeadline: deadline)
        plan.outlines.insert(outline, at: index)
        return .insert(index)
    }

    private func queueIndex(ofDeadline deadline: Double) -> Int {
        guard configuration.policy == .edf else { return plan.outlines.count }
        return plan.outlines.firstIndex { $0.deadline > deadline } ?? plan.outlines.count
    }

    /// Puts a batch where its deadline belongs now; gives its new place.
    private mutating func moveByDeadline(_ index: Int) -> Int {
        guard configuration.policy == .edf else { return index }
        let deadline = plan.outlines[index].deadline
        let isEarly = index > 0 && plan.outlines[index - 1].deadline > deadline
        let isLate = index + 1 < plan.outlines.count && plan.outlines[index + 1].deadline < deadline
        guard isEarly || isLate else { return index }
        let later = plan.indices.first { $0 != index && plan.outlines[$0].deadline > deadline } ?? plan.outlines.count
        let target = later > index ? later - 1 : later
        plan.move(index, to: target)
        return target
    }

    /// A request's deadline is another than its batch was ordered by.
    mutating func requeue(_ slot: Int) {
        guard let index = plan.index(ofBatch: requests[slot].batch) else { return }
        refreshBatch(at: index)
        _ = moveByDeadline(index)
        noteExpiry(of: requests[slot].deadline, model: requests[slot].model)
    }
}

extension Dispatcher {
    /// The first batch that can run, as far as it is here; nil where nothing can, or should yet.
    mutating func chooseQueued() -> [Int]? {
        for index in plan.indices where plan.batches[index].readyCount > 0 {
            let model = plan.outlines[index].model
            guard isUsable(model) else { continue }
            let ready = readyMembers(of: index)
            let slots = fill(ready, from: index)
            let due = windowEnd(of: slots)
            if due <= state.now || slots.count >= server.models[model].maximumBatchSize {
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

    /// As many blocks of `candidates` as free `bytes`, model by model, the one asked for longest ago first.
    func leastRecentlyUsed(of candidates: BlockSet, toFree bytes: Int) -> [Int] {
        var (left, bytes) = (candidates, bytes)
        var evicted: [Int] = []
        for model in server.models.indices.sorted(by: { (lastUsed[$0], $0) < (lastUsed[$1], $1) }) where bytes > 0 {
            for block in server.models[model].blocks where left.remove(block) {
                bytes -= server.blocks[block].bytes
                evicted.append(block)
            }
        }
        // What no model uses any more.
        for block in left.indices where bytes > 0 {
            bytes -= server.blocks[block].bytes
            evicted.append(block)
        }
        return evicted
    }
}

extension Dispatcher {
    private var sendingCount: Int {
        plan.batches.reduce(0) { sum, batch in batch.members.reduce(sum) { $0 + (requests[$1].isSending ? 1 : 0) } }
    }

    private func equalShare(beside others: Int) -> Hertz { Hertz(server.uplink.rawValue / Double(others + 1)) }

    /// What uploads get where nobody favours one: equal shares; what a device cannot use goes to the others.
    static func equalShares(_ problem: BandwidthProblem) -> [Hertz] {
        var shares = Array(repeating: Hertz(0), count: problem.demands.count)
        var rest = problem.capacity.rawValue
        var left = problem.demands.count
        let byNeed = problem.demands.indices.sorted {
            (problem.demands[$0].maximumShare.rawValue, $0) < (problem.demands[$1].maximumShare.rawValue, $1)
        }
        for index in byNeed {
            let share = min(problem.demands[index].maximumShare.rawValue, rest / Double(left))
            shares[index] = Hertz(share)
            rest -= share
            left -= 1
        }
        return shares
    }
}
