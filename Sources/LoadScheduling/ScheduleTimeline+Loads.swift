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
    mutating func load(
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
        let missing = residency.use(blocks, by: index, on: server)
        var step = LoadStep(seconds: missing.seconds, bytes: missing.bytes)
        if missing.bytes > 0 || missing.seconds > 0 {
            let isTight = server.reuse == .consecutive || !residency.hasRoom(for: missing.bytes, on: server)
            if isTight { findWait(index, batches, server, state, &step) }
            wait(for: step, state, &entry)
            if server.reuse == .retained {
                if isTight {
                    let protected = firstUnfinished(before: index, at: entry.loadStart, state)
                    step.protectedFrom = protected
                    residency.makeRoom(missing.bytes, for: index, of: batches, protecting: protected, state, on: server)
                }
                residency.insert(blocks, on: server)
            }
        }
        if recordsBlocks { evictedBlocks.append(residency.evicted) }
        steps.append(step)
        entry.loadSeconds = step.seconds
        entry.loadBytes = step.bytes
    }

    /// Takes the load of batch `index` as it was the last time; false where the times would make it evict other blocks now.
    mutating func repeatLoad(_ index: Int, _ state: ServerState, _ entry: inout Entry) -> Bool {
        let step = steps[index]
        entry.loadSeconds = step.seconds
        entry.loadBytes = step.bytes
        wait(for: step, state, &entry)
        guard let protected = step.protectedFrom else { return true }
        return firstUnfinished(before: index, at: entry.loadStart, state) == protected
    }

    private func wait(for step: LoadStep, _ state: ServerState, _ entry: inout Entry) {
        if step.waitsFor >= 0 {
            entry.loadStart = max(entry.loadStart, entries[step.waitsFor].finish)
        } else if step.waitsForRunning {
            entry.loadStart = max(entry.loadStart, state.executorFree)
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
        guard window.advance(to: index, of: batches, beside: state.pinned, on: server) else {
            exceedsMemory = true
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
