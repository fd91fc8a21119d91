import LoadScheduling

/// The timeline of `problem.md` in its most literal form, with no uploads: slow, and with nothing kept from batch to batch.
struct ReferenceTimeline {
    var starts: [Double] = []
    var finishes: [Double] = []
    var loadSeconds: [Double] = []
    var loaded: [[Int]] = []
    var evicted: [[Int]] = []
    var exceedsMemory = false

    private let batches: [BatchOutline]
    private let server: EdgeServer
    private let state: ServerState
    private var resident: Set<Int>
    /// For each batch, when what ran at first, all batches before it and it have ended.
    private var allFinished: [Double] = []

    init(_ batches: [BatchOutline], on server: EdgeServer, from state: ServerState) {
        self.batches = batches
        self.server = server
        self.state = state
        resident = Set(state.resident.indices)
        var loader = max(state.loaderFree, state.now)
        var lanes = (0..<state.lanes.count).map { max(state.lanes[$0], state.now) }
        var end = lanes.max() ?? state.now
        for index in batches.indices {
            let start = load(index, server.overlap ? loader : lanes[0])
            let seconds = loaded[index].reduce(0) { $0 + server.blocks[$1].loadSeconds }
            var loadEnd = start + seconds
            if loaded[index].isEmpty, server.overlap {
                let isOnItsWay = needs(index).contains { state.loading.contains($0) }
                loadEnd = isOnItsWay ? max(state.loaderFree, state.now) : state.now
            } else {
                loader = max(loader, loadEnd)
            }
            loadSeconds.append(seconds)
            let ready = max(loadEnd, batches[index].uploadEnd)
            // The lane that is free last before it is ready, else the first that becomes free.
            let lane = lanes.filter { $0 <= ready }.max() ?? lanes.min() ?? ready
            starts.append(max(ready, lane))
            let place = lanes.firstIndex(of: lane) ?? 0
            let busy = lanes.indices.count { $0 != place && lanes[$0] > starts[index] }
            let slowdown = lanes.count > 1 ? 1 + server.laneSlowdown * Double(busy) / Double(lanes.count - 1) : 1
            let runs = server.models[batches[index].model].seconds(batch: batches[index].count) * slowdown
            let finish = starts[index] + runs
            lanes[place] = finish
            finishes.append(finish)
            end = max(end, finish)
            allFinished.append(end)
        }
    }

    private func needs(_ index: Int) -> [Int] { server.models[batches[index].model].blocks }

    private func bytes(_ blocks: some Sequence<Int>) -> Int { blocks.reduce(0) { $0 + server.blocks[$1].bytes } }

    /// Loads what batch `index` misses, not before `earliest`; returns when.
    private mutating func load(_ index: Int, _ earliest: Double) -> Double {
        if server.reuse == .consecutive, index > 0 { resident = Set(needs(index - 1)) }
        let missing = needs(index).filter { !resident.contains($0) }
        loaded.append(missing)
        evicted.append([])
        guard !missing.isEmpty else { return earliest }
        var start = earliest
        if server.reuse == .consecutive || bytes(resident) + bytes(missing) > server.memoryBytes {
            start = max(start, timeOfRoom(index, at: start))
            if server.reuse == .retained { makeRoom(for: missing, index, inUse(index, at: start)) }
        }
        resident.formUnion(missing)
        return start
    }

    /// What must stay for a load of batch `index` that starts at `time`.
    private func inUse(_ index: Int, at time: Double) -> Set<Int> {
        var used = Set(needs(index)).union(state.pinned.indices)
        if state.lanes.latest > time { used.formUnion(state.executing.indices) }
        for earlier in 0..<index where allFinished[earlier] > time { used.formUnion(needs(earlier)) }
        return used
    }

    private mutating func timeOfRoom(_ index: Int, at start: Double) -> Double {
        let ends = [start, state.lanes.latest] + allFinished
        for time in ends.filter({ $0 >= start }).sorted() where bytes(inUse(index, at: time)) <= server.memoryBytes {
            return time
        }
        exceedsMemory = true
        return start
    }

    private mutating func makeRoom(for missing: [Int], _ index: Int, _ used: Set<Int>) {
        func nextUse(_ block: Int) -> Int { batches.indices.first { $0 > index && needs($0).contains(block) } ?? .max }
        var candidates = resident.subtracting(used).map { (-Double(nextUse($0)), server.blocks[$0].retention, $0) }
        candidates.sort { $0 < $1 }
        for (_, _, block) in candidates where bytes(resident) + bytes(missing) > server.memoryBytes {
            resident.remove(block)
            evicted[index].append(block)
        }
    }
}
