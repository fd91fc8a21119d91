import LoadScheduling
import ServingCore

extension Dispatcher {
    /// Gives the loader the next thing to do: pins first where they hurt nobody, then the plan's missing blocks, in order.
    mutating func startLoad(_ actions: inout [DispatchAction]) {
        guard loading == nil else { return }
        if startEviction(&actions) || startPin(&actions) { return }
        guard configuration.policy.isPlanned else {
            _ = startQueuedLoad(&actions)
            return
        }
        if startPlannedLoad(&actions) { return }
        guard running == nil, let index = promotable() else { return }
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

    func isResident(_ model: Int) -> Bool {
        // What comes last in a chain is shared least, so that most models which are not resident are seen at once.
        server.models[model].blocks.reversed().allSatisfy { state.resident.contains($0) }
    }

    /// Orders the missing blocks of `model`, evicting what is needed but nothing in `kept` or pinned; false where they do not fit.
    mutating func load(
        _ model: Int,
        purpose: LoadOrder.Purpose,
        keeping kept: BlockSet,
        _ actions: inout [DispatchAction]
    ) -> Bool {
        var protected = kept
        protected.formUnion(state.pinned)
        protected.formUnion(unevictable)
        protected.formUnion(server.models[model].blockSet)
        guard server.bytes(of: protected) <= server.memoryBytes else { return false }
        let missing = server.models[model].blocks.filter { !state.resident.contains($0) }
        let evicted = makeRoom(for: missing, keeping: protected)
        issue(purpose, model: model, evict: evicted, load: missing, &actions)
        return true
    }

    /// Takes as many blocks out of the mirror as `missing` need room, furthest next use first, and returns them.
    private mutating func makeRoom(for missing: [Int], keeping protected: BlockSet) -> [Int] {
        var needed = missing.reduce(server.bytes(of: state.resident)) { $0 + server.blocks[$1].bytes }
        guard needed > server.memoryBytes else { return [] }
        var candidates = state.resident
        candidates.subtract(protected)
        guard configuration.policy.isPlanned else {
            let evicted = leastRecentlyUsed(of: candidates, toFree: needed - server.memoryBytes)
            for block in evicted { state.resident.remove(block) }
            return evicted
        }
        let victims = EvictionOrder.victims(
            of: &candidates,
            nextUses: plan.outlines.lazy.map(\.model),
            freeing: needed - server.memoryBytes,
            on: server
        )
        var evicted: [Int] = []
        for block in victims where needed > server.memoryBytes {
            needed -= server.blocks[block].bytes
            evicted.append(block)
        }
        for block in evicted { state.resident.remove(block) }
        return evicted
    }

    mutating func issue(
        _ purpose: LoadOrder.Purpose,
        model: Int?,
        evict: [Int],
        load: [Int],
        _ actions: inout [DispatchAction]
    ) {
        let order = LoadOrder(
            id: makeOrderID(),
            purpose: purpose,
            model: model.map { catalog.modelIDs[$0] },
            evict: evict.map { catalog.blocks[$0].id },
            load: load.map { catalog.blocks[$0] },
            reusedBlocks: (model.map { server.models[$0].blocks.count } ?? 0) - load.count
        )
        for block in load {
            state.resident.insert(block)
            state.loading.insert(block)
        }
        counters.blockEvictions += evict.count
        planVersion += 1
        let factor = loadEstimates.contention.factor(isBeside: running != nil)
        let likely = load.reduce(0) { $0 + loadEstimates.quietSeconds(of: $1) } * factor
        if !load.isEmpty { loaderTime.start(at: state.now) }
        loading = LoadInFlight(
            order: order.id,
            purpose: purpose,
            model: model,
            blocks: load,
            evicted: evict,
            likelySeconds: likely,
            likelyEnd: state.now + likely,
            expectedEnd: state.now + max(load.reduce(0) { $0 + server.blocks[$1].loadSeconds }, likely),
            start: state.now,
            isBeside: running != nil,
            executorSeconds: executorTime.seconds(at: state.now)
        )
        actions.append(.load(order))
        wake.isExpiryDirty = true
        refreshState(at: state.now)
    }

    mutating func finishLoad(_ result: LoadResult, _ actions: inout [DispatchAction]) {
        guard let load = loading, load.order == result.order else { return }
        loading = nil
        loaderTime.stop(at: state.now)
        state.loading.removeAll()
        planVersion += 1
        refreshState(at: state.now)
        var error: ServingError?
        var tally = LoadTally()
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
                state.resident.remove(block)
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
                state.resident.remove(block)
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

    private mutating func settle(_ block: Int, duration: Duration, size: ByteCount?, _ tally: inout LoadTally) {
        if let size { setSize(size, of: block) }
        let seconds = duration.inSeconds
        tally.blocks += 1
        tally.bytes += server.blocks[block].bytes
        tally.seconds += seconds
    }

    mutating func setSize(_ size: ByteCount, of block: Int) {
        catalog.setSize(size, ofBlock: block)
        server.blocks[block].bytes = size.rawValue
    }

    /// A block that could not be loaded is not resident after all.
    private mutating func dismiss(_ block: Int) {
        counters.loadFailures += 1
        state.resident.remove(block)
    }

    private mutating func settle(
        _ load: LoadInFlight,
        _ tally: LoadTally,
        _ error: ServingError?,
        _ actions: inout [DispatchAction]
    ) {
        counters.loadedBytes += tally.bytes
        guard let model = load.model else { return }
        if tally.blocks == load.blocks.count, !load.blocks.isEmpty {
            actions.append(.estimateChecked(check(.load, model, load.likelySeconds, tally.seconds)))
        }
        if load.purpose == .batch {
            loadedSinceRun[model].blocks += tally.blocks
            loadedSinceRun[model].bytes += tally.bytes
            loadedSinceRun[model].seconds += tally.seconds
        }
        if tally.mustWait { return }
        if error == nil, tally.isToBeRepeated, fitsBesidePins(model) { return }
        let isComplete = tally.blocks == load.blocks.count
        let failure = isComplete ? nil : error ?? Self.incomplete(tally)
        if load.purpose == .pin { finishPin(model, failure, &actions) }
        guard load.purpose == .batch else { return }
        switch failure {
        case nil: loadedSinceRun[model].isRetry = false
        // It is known now that it takes more than there is: nothing would be tried again before the deadline.
        case let failure? where tally.isToBeRepeated: failAll(of: model, failure, &actions)
        case let failure?: giveUpOrRetry(model, failure, &actions)
        }
    }

    /// Fails those who wait for a model whose load failed twice; once may have been bad luck.
    private mutating func giveUpOrRetry(_ model: Int, _ failure: ServingError, _ actions: inout [DispatchAction]) {
        guard loadedSinceRun[model].isRetry else {
            loadedSinceRun[model].isRetry = true
            counters.loadRetries += 1
            return
        }
        loadedSinceRun[model].isRetry = false
        var failure = failure
        failure.message += " (tried twice)"
        failAll(of: model, failure, &actions)
    }

    func fitsBesidePins(_ model: Int) -> Bool {
        var needed = state.pinned
        needed.formUnion(server.models[model].blockSet)
        return server.bytes(of: needed) <= server.memoryBytes
    }

    private static func incomplete(_ tally: LoadTally) -> ServingError {
        tally.isToBeRepeated
            ? tooLargeBesidePins
            : ServingError(.modelUnavailable, "not every block was loaded")
    }

    /// Fails every waiting request for `model`.
    /// - Complexity: O(its requests * batches).
    mutating func failAll(of model: Int, _ error: ServingError, _ actions: inout [DispatchAction]) {
        let planned = plan.indices.filter { plan.outlines[$0].model == model }.flatMap { plan.batches[$0].members }
        for slot in planned + parked.filter({ requests[$0].model == model }) { fail(slot, error, &actions) }
    }
}

extension Dispatcher {
    /// How many batches are looked at for one to bring forward.
    private static let promotionLimit = 8

    /// The first batch that has its bodies here and could be loaded and run now without making another late.
    ///
    /// Asked only when nothing runs and nothing loads, so that memory held for a batch that waits for its uploads does not
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
            trialSources.removeAll(keepingCapacity: true)
            trialSources.append(index)
            for other in plan.indices where other != index { trialSources.append(other) }
            trialOutlines.removeAll(keepingCapacity: true)
            for source in trialSources { trialOutlines.append(plan.outlines[source]) }
            trial.compute(trialOutlines, on: server, from: state)
            if tried == 1 { updateTimeline() }
            if isTrialSafe() { return index }
        }
        return nil
    }

    private mutating func promote(_ index: Int) {
        plan.moveToFront(index)
        planVersion += 1
        uplink.isDirty = true
    }
}
