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
        let comesWithLoadInFlight = server.models[model].blockSet.intersects(state.loading)
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
        let model = batches[index].model
        if server.reuse == .consecutive, index > 0 {
            residency.keepOnly(server.models[batches[index - 1].model].blockSet, on: server)
        }
        if recordsBlocks { loadedBlocks.append(server.models[model].blocks.filter { !residency.contains($0) }) }
        residency.evicted.removeAll(keepingCapacity: true)
        let missing = residency.missing(of: server.models[model].blocks, on: server)
        entry.loadSeconds = missing.seconds
        entry.loadBytes = missing.bytes
        if missing.bytes > 0 || missing.seconds > 0 {
            if server.reuse == .consecutive || !residency.hasRoom(for: missing.bytes, on: server) {
                waitForRoom(index, batches, server, state, &entry)
                protect(index, batches, server, state, from: entry.loadStart)
                residency.makeRoom(missing.bytes, for: index, of: batches, on: server)
            }
            residency.insert(server.models[model].blocks, on: server)
        }
        if recordsBlocks { evictedBlocks.append(residency.evicted) }
    }

    /// Moves the load of batch `index` to when enough batches have finished for its blocks to fit beside those of the others.
    ///
    /// Batches finish in order, so the unfinished ones are always the last few before this one: the load waits for the latest
    /// batch that does not fit together with all after it, whatever the times are.
    private mutating func waitForRoom(
        _ index: Int,
        _ batches: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState,
        _ entry: inout Entry
    ) {
        residency.beginProtecting(state.pinned, and: server.models[batches[index].model].blockSet, on: server)
        guard residency.protectedBytes <= server.memoryBytes else {
            exceedsMemory = true
            return
        }
        for earlier in (0..<index).reversed() {
            residency.protect(server.models[batches[earlier].model].blocks, on: server)
            guard residency.protectedBytes > server.memoryBytes else { continue }
            entry.waitsFor = earlier
            entry.loadStart = max(entry.loadStart, entries[earlier].finish)
            return
        }
        guard state.executorFree > entry.loadStart else { return }
        var together = residency.protected
        together.formUnion(state.executing)
        if server.bytes(of: together) > server.memoryBytes { entry.loadStart = state.executorFree }
    }

    /// Protects the blocks of every batch that has not finished at `time` from eviction for batch `index`.
    private mutating func protect(
        _ index: Int,
        _ batches: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState,
        from time: Double
    ) {
        residency.beginProtecting(state.pinned, and: server.models[batches[index].model].blockSet, on: server)
        if state.executorFree > time { residency.protected.formUnion(state.executing) }
        for earlier in (0..<index).reversed() {
            guard entries[earlier].finish > time else { return }
            residency.protected.formUnion(server.models[batches[earlier].model].blockSet)
        }
    }
}
