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
        if !isSimulating, !repeatLoad(index, batches, server, state, &entry) {
            startSimulating(at: index, batches, server, state, entry.loadStart)
        }
        if isSimulating {
            findLoad(index, batches, server, state, &entry)
            stopSimulating(before: index + 1, batches.count, server)
        }
        exceedsMemory = exceedsMemory || record.steps[index].exceedsMemory
        entry.loadSeconds = record.steps[index].seconds
        entry.loadBytes = record.steps[index].bytes
    }

    /// Takes the load of batch `index` as it was; false, and nothing done, where it may be another now.
    private mutating func repeatLoad(
        _ index: Int,
        _ batches: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState,
        _ entry: inout Entry
    ) -> Bool {
        guard index != firstChange, record.steps[index].isKnown else { return false }
        if index > newcomer, record.steps[index].isTight {
            var step = record.steps[index]
            findWait(index, batches, server, state, &step)
            record.steps[index] = step
            // Where even the newcomer must have finished, it cannot be in the way of what comes after.
            if window.start > newcomer { newcomer = .max }
        }
        var start = entry.loadStart
        wait(for: record.steps[index], state, &start)
        let protected = record.steps[index].protectedFrom
        guard protected == LoadStep.nobody || firstUnfinished(before: index, at: start, state) == protected else {
            return false
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
        let blocks = server.models[batches[index].model].blocks
        if recordsBlocks {
            loadedBlocks.append(blocks.filter { !residency.isResident($0, for: index, server.reuse) })
        }
        noteResident(at: index, server)
        let missing = residency.use(blocks, by: index, on: server)
        var step = LoadStep(seconds: missing.seconds, bytes: missing.bytes)
        step.row = record.steps[index].row
        step.residentBytes = record.steps[index].residentBytes
        step.isKnown = true
        if missing.bytes > 0 || missing.seconds > 0 {
            step.isTight = server.reuse == .consecutive || !residency.hasRoom(for: missing.bytes, on: server)
            if step.isTight { findWait(index, batches, server, state, &step) }
            wait(for: step, state, &entry.loadStart)
            if server.reuse == .retained {
                if step.isTight {
                    step.protectedFrom = firstUnfinished(before: index, at: entry.loadStart, state)
                    residency.makeRoom(
                        missing.bytes,
                        for: index,
                        of: batches,
                        protecting: step.protectedFrom,
                        state,
                        on: server
                    )
                }
                residency.insert(blocks, on: server)
            }
        }
        if recordsBlocks { evictedBlocks.append(residency.evicted) }
        record.steps[index] = step
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
        guard record.steps[index].row >= 0 else {
            return residency.begin(state, on: server, batches: batches.count)
        }
        let unfinished = firstUnfinished(before: index, at: time, state)
        residency.resume(at: index, record, of: batches, unfinished: unfinished, state, on: server)
    }

    /// Goes back to repeating loads where what is resident before batch `next` is what it was; notes what it is at the end.
    private mutating func stopSimulating(before next: Int, _ count: Int, _ server: EdgeServer) {
        guard next < count else {
            noteResident(at: count, server)
            record.steps[count].isKnown = true
            return
        }
        guard next > lastChange, simulations < Self.maximumSimulations, record.steps[next].isKnown else { return }
        // What the paper keeps is the batch before, which is another only for the one after a newcomer.
        let isSame =
            server.reuse == .consecutive
            ? next != lastChange + 1 : record.holds(residency.resident, residency.bytes, at: next)
        if isSame { isSimulating = false }
    }

    /// Notes what is resident before batch `index`; what the paper keeps is known without.
    private mutating func noteResident(at index: Int, _ server: EdgeServer) {
        if server.reuse == .consecutive, index > 0 {
            record.steps[index].row = 0
        } else {
            record.store(residency.resident, residency.bytes, at: index)
        }
    }

    private func wait(for step: LoadStep, _ state: ServerState, _ start: inout Double) {
        if step.waitsFor >= 0 {
            start = max(start, entries[step.waitsFor].finish)
        } else if step.waitsForRunning {
            start = max(start, state.executorFree)
        }
    }

    /// Finds out which batch must have finished for the blocks of batch `index` to fit.
    private mutating func findWait(
        _ index: Int,
        _ batches: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState,
        _ step: inout LoadStep
    ) {
        step.waitsForRunning = false
        guard window.advance(to: index, of: batches, beside: state.pinned, on: server) else {
            step.exceedsMemory = true
            step.waitsFor = -1
            return
        }
        step.waitsFor = window.start - 1
        if step.waitsFor < 0, isExecuting {
            step.waitsForRunning = !window.hasRoom(for: state.executing, on: server)
        }
    }

    /// The first batch before `index` that has not finished at `time`; -1 where what runs at the moment of planning has not.
    ///
    /// Times asked for in one pass never fall, as loads run in order.
    private mutating func firstUnfinished(before index: Int, at time: Double, _ state: ServerState) -> Int {
        if unfinished < 0 {
            guard state.executorFree <= time else { return -1 }
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
    func firstChange(inserting model: Int, at position: Int, _ record: LoadRecord, on server: EdgeServer) -> Int {
        guard server.reuse == .retained else { return position }
        var first = position
        for block in server.models[model].blocks where !record.contains(block, at: position) {
            var index = position - 1
            while index >= 0, !record.contains(block, at: index) { index -= 1 }
            if index >= 0 { first = min(first, index) }
        }
        return first
    }
}
