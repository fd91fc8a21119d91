/// The times of all batches: forwards by loads, backwards for latest starts.
extension ScheduleTimeline {
    mutating func passForwards(_ batches: [BatchOutline], _ server: EdgeServer, _ state: ServerState) {
        beginLoads(batches, server, state)
        var pass = TimelinePass(
            loader: max(state.loaderFree, state.now),
            lanes: state.lanes,
            nextLook: watch == nil ? .max : 64
        )
        pass.lanes.advance(to: state.now)
        laneCount = pass.lanes.count
        pass.allFinished = pass.lanes.latest
        while pass.index < batches.count, !isOver(&pass) {
            if !isSimulating { repeatLoads(&pass, batches, server, state) }
            if pass.index < batches.count, !isOver(&pass) { walk(&pass, batches, server, state) }
        }
        noteLanes(pass)
        end = pass.lanes.latest
        loaderEnd = pass.loader
    }

    /// Finds out when the batch at hand is done.
    private mutating func walk(
        _ pass: inout TimelinePass,
        _ batches: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState
    ) {
        let index = pass.index
        let batch = batches[index]
        var entry = Entry()
        noteLanes(pass)
        entry.loadStart = server.overlap ? pass.loader : pass.lanes.earliest
        load(index, batches, server, state, &entry)
        settleLoad(of: batch.model, server, state, &pass.loader, &entry)
        entry.start = max(entry.loadEnd, batch.uploadEnd)
        if !releases.isEmpty { entry.start = max(entry.start, releases[index]) }
        entry.lane = pass.lanes.lane(readyAt: entry.start)
        entry.start = max(entry.start, pass.lanes[entry.lane])
        let seconds = server.models[batch.model].seconds(batch: batch.count)
        entry.finish = entry.start + seconds * pass.slowdown(startingAt: entry.start, on: entry.lane, server)
        entry.allFinished = pass.advance(past: batch, on: entry.lane, finish: entry.finish)
        entries[index] = entry
    }

    private mutating func beginLoads(_ batches: [BatchOutline], _ server: EdgeServer, _ state: ServerState) {
        entries.removeAll(keepingCapacity: true)
        entries.append(contentsOf: repeatElement(.never, count: batches.count))
        loadedBlocks.removeAll(keepingCapacity: true)
        evictedBlocks.removeAll(keepingCapacity: true)
        exceedsMemory = false
        unfinished = -1
        isSimulating = false
        simulations = 0
        residency.reset()
        window.reset()
        firstChange = .max
        lastChange = insertedBatch ?? -1
        newcomer = insertedBatch ?? .max
        windowStart = -1
        replaced.removeAll(keepingCapacity: true)
        if let inserted = insertedBatch {
            firstChange = firstChange(inserting: batches[inserted].model, at: inserted, on: server)
        }
        if batches.isEmpty { record.steps[0].isKnown = true }
    }

    mutating func passBackwards(_ batches: [BatchOutline], _ server: EdgeServer) {
        latestEnd.removeAll(keepingCapacity: true)
        latestEnd.append(contentsOf: repeatElement(.infinity, count: batches.count))
        var lanes = LaneTimes(laneCount, freeAt: .infinity)
        // By when all batches up to the one at hand must have left memory.
        var roomBy = Double.infinity
        var nextLoad = Double.infinity
        for index in batches.indices.reversed() {
            let deadline = max(batches[index].deadline, entries[index].finish)
            roomBy = min(roomBy, latestEnd[index])
            let lane = entries[index].lane
            let end = min(min(deadline, lanes[lane]), roomBy)
            let latest = end - (entries[index].finish - entries[index].start)
            entries[index].latestStart = latest
            nextLoad = min(latest, nextLoad) - entries[index].loadSeconds
            lanes[lane] = server.overlap ? latest : nextLoad
            let waitsFor = record.steps[index].waitsFor
            if waitsFor >= 0 { latestEnd[waitsFor] = min(latestEnd[waitsFor], nextLoad) }
        }
    }

    /// How many requests are in batches that end after their deadline; a nanosecond of rounding is not late.
    func countLate(_ batches: [BatchOutline]) -> Int {
        batches.indices.reduce(0) {
            entries[$1].finish > batches[$1].deadline + 1e-9 ? $0 + batches[$1].count : $0
        }
    }
}
