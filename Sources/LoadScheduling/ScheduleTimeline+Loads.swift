extension ScheduleTimeline {
    /// Sets when the load of a batch of `model` ends; one with nothing to load does not queue behind other loads.
    func settleLoad(
        of model: Int,
        _ server: EdgeServer,
        _ state: ServerState,
        _ loader: inout Double,
        _ entry: inout Entry
    ) {
        if entry.loadSeconds > 0 || entry.loadBytes > 0 || !server.overlap {
            entry.loadEnd = entry.loadStart + entry.loadSeconds
            loader = max(loader, entry.loadEnd)
            return
        }
        let comesWithLoadInFlight = isLoading && server.models[model].blockSet.intersects(state.loading)
        entry.loadStart = comesWithLoadInFlight ? max(state.loaderFree, state.now) : state.now
        entry.loadEnd = entry.loadStart
    }

    /// Finds what batch `index` must load, makes room for it, and moves its load's start to when there is room.
    ///
    /// Where that is known from before and nothing has changed, it is taken over.
    mutating func load(
        _ index: Int,
        _ batches: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState,
        _ entry: inout Entry
    ) {
        var step = record.steps[index]
        if !isSimulating, !repeatLoad(index, batches, server, state, &step, &entry) {
            startSimulating(at: index, batches, server, state, entry.loadStart)
        }
        if isSimulating {
            findLoad(index, batches, server, state, &entry)
            stopSimulating(before: index + 1, batches.count, server)
            step = record.steps[index]
        }
        if step.exceedsMemory { exceedsMemory = true }
        entry.loadSeconds = step.seconds
        entry.loadBytes = step.bytes
    }

    /// Takes the load of batch `index` as `step` has it; false, and nothing done, where it may be another now.
    private mutating func repeatLoad(
        _ index: Int,
        _ batches: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState,
        _ step: inout LoadStep,
        _ entry: inout Entry
    ) -> Bool {
        guard index != firstChange, step.isKnown else { return false }
        if step.isTight, !step.isWaitKnown {
            findWait(index, batches, server, state, step, &step)
            record.steps[index] = step
        }
        var start = entry.loadStart
        wait(for: step, state, &start)
        if step.protectedFrom != LoadStep.nobody {
            let first = firstUnfinished(before: index, at: start, state)
            guard step.holds(protectingFrom: first) else { return false }
        }
        entry.loadStart = start
        return true
    }

    private mutating func findLoad(
        _ index: Int,
        _ batches: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState,
        _ entry: inout Entry
    ) {
        let known = record.steps[index]
        // Only a pass with uploads takes them back.
        if limit != nil, isDelayed { replaced.append((index, known)) }
        let missing = residency.use(by: index, on: server)
        if recordsBlocks { loadedBlocks.append(residency.loadedBlocks(of: server.models[batches[index].model])) }
        var step = LoadStep(seconds: missing.seconds, bytes: missing.bytes)
        step.isKnown = true
        if missing.bytes > 0 || missing.seconds > 0 {
            step.isTight = server.reuse == .consecutive || !residency.hasRoom(for: missing.bytes, on: server)
            if step.isTight { findWait(index, batches, server, state, known, &step) }
            wait(for: step, state, &entry.loadStart)
            if server.reuse == .retained {
                if step.isTight { makeRoom(index, missing.bytes, at: entry.loadStart, server, state, &step) }
            }
        }
        if recordsBlocks { evictedBlocks.append(residency.evictedBlocks(on: server)) }
        if server.reuse == .retained { residency.insertLoaded(missing.bytes) }
        if server.reuse == .retained { residency.follow(record, at: index) }
        record.steps[index] = step
        if server.reuse == .retained { record.note(loaded: residency.loaded, evicted: residency.evicted, at: index) }
    }

    private mutating func makeRoom(
        _ index: Int,
        _ bytes: Int,
        at time: Double,
        _ server: EdgeServer,
        _ state: ServerState,
        _ step: inout LoadStep
    ) {
        step.protectedFrom = firstUnfinished(before: index, at: time, state)
        residency.makeRoom(bytes, for: index, protecting: step.protectedFrom, on: server)
        step.protectedLeast = min(residency.firstUnusing, step.protectedFrom)
    }

    /// Goes over to finding loads at batch `index`, whose load would start at `time` if there were room.
    private mutating func startSimulating(
        at index: Int,
        _ batches: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState,
        _ time: Double
    ) {
        isSimulating = true
        simulations += 1
        let unfinished = index > 0 ? firstUnfinished(before: index, at: time, state) : -1
        residency.begin(at: index, record, of: batches, unfinished: unfinished, on: server)
    }

    /// Goes back to repeating loads where what is resident before batch `next` is what it was.
    private mutating func stopSimulating(before next: Int, _ count: Int, _ server: EdgeServer) {
        guard next < count else {
            record.steps[count].isKnown = true
            return
        }
        guard next > lastChange, simulations < Self.maximumSimulations, record.steps[next].isKnown else { return }
        // What the paper keeps is the batch before, which is another only for the one after a newcomer.
        let isSame = server.reuse == .consecutive ? next != lastChange + 1 : residency.isAsKnown
        if isSame { isSimulating = false }
    }

    private func wait(for step: LoadStep, _ state: ServerState, _ start: inout Double) {
        if step.waitsFor >= 0 {
            start = max(start, entries[step.waitsFor].allFinished)
        } else if step.waitsForRunning {
            start = max(start, state.lanes.latest)
        }
    }

    /// Finds out which batch must have finished for the blocks of batch `index` to fit, unless that is `known`.
    private mutating func findWait(
        _ index: Int,
        _ batches: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState,
        _ known: LoadStep,
        _ step: inout LoadStep
    ) {
        // Where even the newcomer must have finished, it is not in the way of what comes after.
        if known.isWaitKnown || (known.isKnown && known.isTight && newcomer < windowStart) {
            return step.waits(as: known)
        }
        residency.makeSequence(batches)
        step.isWaitKnown = true
        step.waitsForRunning = false
        step.waitsFor = -1
        step.exceedsMemory = !window.advance(
            to: index,
            of: residency.sequence,
            residency.table.parts,
            pinned: residency.table.pinned,
            memoryBytes: server.memoryBytes
        )
        guard !step.exceedsMemory else { return }
        windowStart = window.start
        step.waitsFor = window.start - 1
        if step.waitsFor < 0, isExecuting {
            let (running, parts) = (residency.table.executing, residency.table.parts)
            step.waitsForRunning = !window.hasRoom(for: running, parts, memoryBytes: server.memoryBytes)
        }
    }

    /// The first batch before `index` that has not finished at `time`; -1 where what runs at the moment of planning has not.
    ///
    /// Times asked for in one pass never fall, as loads run in order.
    private mutating func firstUnfinished(before index: Int, at time: Double, _ state: ServerState) -> Int {
        if unfinished < 0 {
            guard state.lanes.latest <= time else { return -1 }
            unfinished = 0
        }
        while unfinished < index, entries[unfinished].finish <= time { unfinished += 1 }
        return unfinished
    }
}

extension ScheduleTimeline {
    /// The first batch whose load may be another for a newcomer of `model` at `position`, by what is known without it.
    ///
    /// A block that goes to be loaded again for the newcomer would have been wanted sooner when it was evicted, so from there on
    /// other blocks may go. What was not evicted before would not have been with its use moved closer, either.
    /// - Complexity: O(parts loaded and evicted before `position`).
    func firstChange(inserting model: Int, at position: Int, on server: EdgeServer) -> Int {
        guard server.reuse == .retained else { return position }
        return record.firstEviction(of: residency.table.known(of: model), before: position) ?? position
    }
}
