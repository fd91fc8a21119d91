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

    init(_ batches: [BatchOutline], on server: EdgeServer, from state: ServerState) {
        self.batches = batches
        self.server = server
        self.state = state
        resident = Set(state.resident.indices)
        var loader = max(state.loaderFree, state.now)
        var executor = max(state.executorFree, state.now)
        for index in batches.indices {
            let start = load(index, server.overlap ? loader : executor)
            let seconds = loaded[index].reduce(0) { $0 + server.blocks[$1].loadSeconds }
            var loadEnd = start + seconds
            if loaded[index].isEmpty, server.overlap {
                let isOnItsWay = needs(index).contains { state.loading.contains($0) }
                loadEnd = isOnItsWay ? max(state.loaderFree, state.now) : state.now
            } else {
                loader = max(loader, loadEnd)
            }
            loadSeconds.append(seconds)
            starts.append(max(loadEnd, executor, batches[index].uploadEnd))
            executor = starts[index] + server.models[batches[index].model].seconds(batch: batches[index].count)
            finishes.append(executor)
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
        if state.executorFree > time { used.formUnion(state.executing.indices) }
        for earlier in 0..<index where finishes[earlier] > time { used.formUnion(needs(earlier)) }
        return used
    }

    private mutating func timeOfRoom(_ index: Int, at start: Double) -> Double {
        let ends = [start, state.executorFree] + finishes
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
