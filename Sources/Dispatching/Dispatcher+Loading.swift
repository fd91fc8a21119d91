import LoadScheduling
import ServingCore

extension Dispatcher {
    /// Gives the loader the next thing to do: pins first where they hurt nobody, then the plan's missing blocks, in order.
    mutating func startLoad(_ actions: inout [DispatchAction]) {
        guard accelerator.load == nil else { return }
        if startEviction(&actions) || startPin(&actions) { return }
        guard configuration.policy.isPlanned else {
            _ = startQueuedLoad(&actions)
            return
        }
        if startPlannedLoad(&actions) { return }
        guard accelerator.hasFreeLane, let index = promotable() else { return }
        promote(index)
        _ = startPlannedLoad(&actions)
    }

    /// Loads what the first batch with missing blocks misses, if it fits beside all that come before it.
    private mutating func startPlannedLoad(_ actions: inout [DispatchAction]) -> Bool {
        guard let index = plan.outlines.firstIndex(where: { !isResident($0.model) }) else { return false }
        let model = plan.outlines[index].model
        var kept = state.executing
        for outline in plan.outlines[..<index] { kept.formUnion(server.models[outline.model].blockSet) }
        return load(model, purpose: .batch, keeping: kept, &actions)
    }

    func isResident(_ model: Int) -> Bool { accelerator.isResident(server.models[model]) }

    /// Orders the missing blocks of `model`, evicting what is needed but nothing in `kept` or pinned; false where they do not fit.
    mutating func load(
        _ model: Int,
        purpose: LoadOrder.Purpose,
        keeping kept: BlockSet,
        _ actions: inout [DispatchAction]
    ) -> Bool {
        let missing = accelerator.missing(of: server.models[model])
        let rule: EvictionRule =
            configuration.policy.isPlanned ? .furthestUse(by: plan.outlines) : .leastRecentlyUsed(accelerator.lastUsed)
        let evicted = accelerator.eviction(loading: missing, of: model, keeping: kept, on: server, by: rule)
        guard let evicted else { return false }
        issue(purpose, model: model, evict: evicted, load: missing, &actions)
        return true
    }

    mutating func issue(
        _ purpose: LoadOrder.Purpose,
        model: Int?,
        evict: [Int],
        load: [Int],
        _ actions: inout [DispatchAction]
    ) {
        counters.blockEvictions += evict.count
        queue.noteMachineChange()
        let likely = costs.loadSeconds(of: load, isBeside: accelerator.isExecuting)
        let start = LoadStart(
            purpose: purpose,
            model: model,
            evict: evict,
            load: load,
            likelySeconds: likely,
            expectedSeconds: max(costs.plannedLoadSeconds(of: load), likely)
        )
        let order = LoadOrder(
            id: accelerator.start(start),
            purpose: purpose,
            model: model.map { catalog.modelIDs[$0] },
            evict: evict.map { catalog.blocks[$0].id },
            load: load.map { catalog.blocks[$0] },
            reusedBlocks: (model.map { server.models[$0].blocks.count } ?? 0) - load.count
        )
        actions.append(.load(order))
        wake.isExpiryDirty = true
    }

    mutating func finishLoad(_ result: LoadResult, _ actions: inout [DispatchAction]) {
        guard let load = accelerator.finishLoad(result.order) else { return }
        queue.noteMachineChange()
        var error: ServingError?
        var tally = LoadOutcome()
        var loads: [(block: Int, bytes: Int, seconds: Double)] = []
        for block in load.blocks {
            switch result.blocks[catalog.blocks[block].id] {
            case .loaded(let duration, let size):
                settle(block, duration: duration, size: size, &tally)
                loads.append((block, server.blocks[block].bytes, duration.inSeconds))
            case .tooLarge(let size) where size.rawValue > server.blocks[block].bytes:
                // Known to be larger now, it gets more room at the next try; as sizes only grow here, tries end.
                setSize(size, of: block)
                tally.isToBeRepeated = true
                accelerator.lose(block)
            case .tooLarge(let size):
                error = error ?? ServingError(.memoryUnavailable, "a block of \(size.rawValue) bytes does not fit")
                dismiss(block)
            case .failed(let failure):
                error = error ?? failure
                dismiss(block)
            case nil where result.resident?[catalog.blocks[block].id] != nil:
                // It was in memory already, whatever was thought.
                tally.blocks += 1
            case nil:
                accelerator.lose(block)
            }
        }
        if result.failure != nil, error == nil, !load.blocks.isEmpty { counters.loadFailures += 1 }
        if let resident = result.resident { adopt(resident, after: load, &tally) }
        learn(loads, of: load)
        settle(load, tally, error ?? result.failure, &actions)
        failWhatPinsExclude(&actions)
        if tally.blocks < load.blocks.count { wake.isExpiryDirty = true }
        noteEnd(expected: load.likelyEnd)
    }

    private mutating func settle(_ block: Int, duration: Duration, size: ByteCount?, _ tally: inout LoadOutcome) {
        if let size { setSize(size, of: block) }
        let seconds = duration.inSeconds
        tally.blocks += 1
        tally.bytes += server.blocks[block].bytes
        tally.seconds += seconds
    }

    mutating func setSize(_ size: ByteCount, of block: Int) {
        catalog.setSize(size, ofBlock: block)
        costs.setBytes(size.rawValue, of: block)
    }

    /// A block that could not be loaded is not resident after all.
    private mutating func dismiss(_ block: Int) {
        counters.loadFailures += 1
        accelerator.lose(block)
    }

    private mutating func settle(
        _ load: LoadInFlight,
        _ tally: LoadOutcome,
        _ error: ServingError?,
        _ actions: inout [DispatchAction]
    ) {
        counters.loadedBytes += tally.bytes
        guard let model = load.model else { return }
        if tally.blocks == load.blocks.count, !load.blocks.isEmpty {
            actions.append(.estimateChecked(check(.load, model, load.likelySeconds, tally.seconds)))
        }
        if load.purpose == .batch {
            accelerator.noteLoaded(tally.blocks, bytes: tally.bytes, seconds: tally.seconds, for: model)
        }
        if tally.mustWait { return }
        if error == nil, tally.isToBeRepeated, accelerator.fitsBesidePins(model, on: server) { return }
        let isComplete = tally.blocks == load.blocks.count
        let failure = isComplete ? nil : error ?? Self.incomplete(tally)
        if load.purpose == .pin { finishPin(model, failure, &actions) }
        guard load.purpose == .batch else { return }
        switch failure {
        case nil: accelerator.noteSettled(model)
        // It is known now that it takes more than there is: nothing would be tried again before the deadline.
        case let failure? where tally.isToBeRepeated: failAll(of: model, failure, &actions)
        case let failure?: giveUpOrRetry(model, failure, &actions)
        }
    }

    /// Fails those who wait for a model whose load failed twice; once may have been bad luck.
    private mutating func giveUpOrRetry(_ model: Int, _ failure: ServingError, _ actions: inout [DispatchAction]) {
        guard !accelerator.mayRetry(model) else {
            counters.loadRetries += 1
            return
        }
        var failure = failure
        failure.message += " (tried twice)"
        failAll(of: model, failure, &actions)
    }

    private static func incomplete(_ tally: LoadOutcome) -> ServingError {
        tally.isToBeRepeated
            ? tooLargeBesidePins
            : ServingError(.modelUnavailable, "not every block was loaded")
    }

    /// Fails every waiting request for `model`.
    /// - Complexity: O(its requests * batches).
    mutating func failAll(of model: Int, _ error: ServingError, _ actions: inout [DispatchAction]) {
        for slot in queue.waiting(for: model) { fail(slot, error, &actions) }
    }
}

extension Dispatcher {
    /// How many batches are looked at for one to bring forward.
    private static let promotionLimit = 8

    /// The first batch that has its bodies here and could be loaded and run now without making another late.
    ///
    /// Asked only when a lane is free and nothing loads, so that memory held for a batch that waits for its uploads does not
    /// stop one that does not.
    private mutating func promotable() -> Int? {
        guard plan.batches.count > 1 else { return nil }
        settleUploadsIfOld()
        var tried = 0
        for index in plan.indices.dropFirst() where plan.batches[index].readyCount == plan.batches[index].members.count
        {
            guard tried < Self.promotionLimit else { return nil }
            let model = plan.outlines[index].model
            guard !isResident(model) else { continue }
            tried += 1
            editor.tryPromoting(index, queue, on: server, from: state)
            if tried == 1 { updateTimeline() }
            if isTrialSafe { return index }
        }
        return nil
    }

    private mutating func promote(_ index: Int) {
        queue.promote(index)
        uploads.noteChange()
    }
}
