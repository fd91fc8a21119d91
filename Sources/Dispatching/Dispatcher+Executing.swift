import LoadScheduling
import ServingCore

extension Dispatcher {
    /// How many batches are looked at for one that can run now.
    private static let candidateLimit = 16

    /// Seconds until a batch that should have started, but would make others late, is looked at again.
    private static let retryInterval = 1e-3

    /// Gives the executor the best batch that can run now without making another request late.
    mutating func startBatch(_ actions: inout [DispatchAction]) {
        wake.retry = .infinity
        while accelerator.hasFreeLane, let slots = configuration.policy.isPlanned ? chooseBatch() : chooseQueued() {
            run(slots, &actions)
        }
    }

    /// Ready requests of one resident model, in plan order; nil where nothing can or should run now.
    private mutating func chooseBatch() -> [Int]? {
        var candidates = 0
        var hasTimeline = false
        for index in plan.indices where plan.batches[index].readyCount > 0 {
            let model = plan.outlines[index].model
            guard isUsable(model) else { continue }
            candidates += 1
            guard candidates <= Self.candidateLimit else { return nil }
            let own = queue.readyMembers(of: index)
            let isPlanned = index == 0 && own.count == plan.batches[index].members.count
            let filled = fill(own, from: index)
            if isPlanned, filled.count == own.count { return own }
            if isSafe(filled, startingAt: index, &hasTimeline) { return filled }
            if isPlanned { return own }
            if filled.count > own.count, isSafe(own, startingAt: index, &hasTimeline) { return own }
            // What waits for its other uploads starts without them when it must.
            let latest = timeline.entries[index].latestStart
            wake.retry = min(wake.retry, latest > state.now ? latest + 1e-6 : state.now + Self.retryInterval)
        }
        return nil
    }

    /// Whether all blocks of `model` are resident, none of them still loading.
    func isUsable(_ model: Int) -> Bool { accelerator.isUsable(server.models[model]) }

    /// `slots` and, as far as there is room, ready requests of later batches of the same model.
    func fill(_ slots: [Int], from index: Int) -> [Int] {
        let model = plan.outlines[index].model
        let room = server.models[model].maximumBatchSize
        var slots = slots
        guard slots.count < room else { return slots }
        for later in plan.indices[(index + 1)...]
        where plan.outlines[later].model == model && plan.batches[later].readyCount > 0 {
            slots.append(contentsOf: queue.readyMembers(of: later).prefix(room - slots.count))
            if slots.count >= room { break }
        }
        return slots
    }

    /// Whether running `slots` now makes no request late that waiting does not. Brings ``timeline`` up to date unless that was done.
    private mutating func isSafe(_ slots: [Int], startingAt index: Int, _ hasTimeline: inout Bool) -> Bool {
        settleUploadsIfOld()
        editor.tryRunning(slots, startingAt: index, queue, on: server, from: state)
        if !hasTimeline { updateTimeline() }
        hasTimeline = true
        return isTrialSafe
    }

    /// Runs as many of `slots` as can end in time, the earliest deadline first; gives up those that cannot.
    private mutating func run(_ slots: [Int], _ actions: inout [DispatchAction]) {
        var slots = slots.sorted { requests[$0].deadline < requests[$1].deadline }
        guard let first = slots.first else { return }
        let model = requests[first].model
        guard dropsExpired else { return start(slots, model: model, &actions) }
        let alone = state.now + (givesUpEarly ? costs.seconds(of: model, requests: 1) : 0)
        let hopeless = slots.prefix { requests[$0].deadline < alone }
        let tightest = slots.dropFirst(hopeless.count).first
        for slot in hopeless where givesUp(on: slot) { fail(slot, lateStartError, &actions) }
        if !isObserving { slots.removeFirst(hopeless.count) }
        while givesUpEarly, let tightest, slots.count > 1,
            state.now + costs.seconds(of: model, requests: slots.count) > requests[tightest].deadline
        {
            slots.removeLast()
        }
        guard !slots.isEmpty else { return }
        start(slots, model: model, &actions)
    }

    private var lateStartError: ServingError {
        ServingError(.deadlinePassed, "what ran before took longer than estimated: the deadline can no longer be met")
    }

    private mutating func start(_ slots: [Int], model: Int, _ actions: inout [DispatchAction]) {
        queue.start(slots, model: model)
        // A load that is to follow counts like one that is under way.
        let isBeside = accelerator.load != nil || plan.outlines.contains { !isResident($0.model) }
        let busyPart = accelerator.busyPart
        let seconds = costs.batches.seconds(
            of: model,
            runs: 1,
            requests: slots.count,
            isBeside: isBeside,
            busyPart: busyPart
        )
        let planned = server.models[model].seconds(batch: slots.count) * server.slowdown(busyPart: busyPart)
        let batch = BatchStart(
            model: model,
            slots: slots,
            likelySeconds: seconds,
            expectedSeconds: max(planned, seconds),
            isBeside: isBeside,
            endBy: endBy(slots, startedAt: state.now)
        )
        let started = accelerator.start(batch, on: server)
        actions.append(.run(batchOrder(of: started)))
        costs.noteUse(of: model, at: state.now)
        wake.isExpiryDirty = true
    }

    private mutating func batchOrder(of batch: RunningBatch) -> BatchOrder {
        let model = batch.model
        let tally = accelerator.takeTally(of: model)
        let all = server.models[model].blocks.count
        let loaded = min(tally.blocks, all)
        let reusedBytes = max(server.bytes(ofModel: model) - tally.bytes, 0)
        counters.batches += 1
        counters.blockHits += all - loaded
        counters.blockMisses += loaded
        counters.reusedBytes += reusedBytes
        return BatchOrder(
            id: batch.order,
            lane: batch.lane,
            model: catalog.modelIDs[model],
            form: catalog.forms[model],
            requests: batch.slots.map { requests[$0].id },
            reusedBlocks: all - loaded,
            loadedBlocks: loaded,
            reusedBytes: ByteCount(reusedBytes),
            loadedBytes: ByteCount(tally.bytes),
            loadDuration: Self.duration(tally.seconds)
        )
    }

    mutating func finishBatch(_ result: BatchResult, _ actions: inout [DispatchAction]) {
        guard let batch = accelerator.finishBatch(result.order, on: server) else { return }
        queue.noteMachineChange()
        let failed = Set(result.failed)
        for slot in batch.slots {
            count(requests[slot], hasFailed: failed.contains(requests[slot].id))
            queue.forget(slot)
        }
        learn(from: result, of: batch, &actions)
        noteEnd(expected: batch.likelyEnd)
    }

    private mutating func count(_ request: RequestTable.Entry, hasFailed: Bool) {
        if request.phase == .abandoned {
            counters.cancelled += 1
        } else if hasFailed {
            counters.failed += 1
        } else if state.now <= request.deadline {
            counters.inTime += 1
            shedder.notePromiseKept(at: state.now)
        } else {
            counters.late += 1
            shedder.notePromiseBroken(at: state.now)
        }
    }
}
