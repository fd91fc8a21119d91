/// What loads take at least, for each context of ``ExhaustiveInstance`` and each model.
struct ExhaustiveLoads {
    /// One load.
    struct Load: Sendable {
        /// Seconds it takes at least.
        var seconds = 0.0
        /// Seconds it would take at least in endless memory.
        var roomySeconds = 0.0
        /// Bytes it moves at least.
        var bytes = 0
        /// Whether its blocks do not fit in memory beside those of the batch before, which must have finished.
        var waits = false
    }

    private(set) var table: [[Load]] = []
    /// For each context, the models that have run, as a mask; the last one alone with consecutive reuse; -1 for what cannot be.
    private(set) var behind: [Int] = []
    /// Whether contexts name the last model beside all so far.
    let namesLast: Bool
    private let server: EdgeServer
    private let state: ServerState
    private let models: [Int]

    init(_ problem: SchedulingProblem, _ models: [Int]) {
        server = problem.server
        state = problem.state
        self.models = models
        var all = state.resident
        for model in models { all.formUnion(server.models[model].blockSet) }
        let isConsecutive = server.reuse == .consecutive
        namesLast = !isConsecutive && server.bytes(of: all) > server.memoryBytes
        if isConsecutive {
            for last in models.indices { add(mask: 1 << last, last: last) }
            add(mask: 0, last: nil)
        } else if namesLast {
            add(mask: 0, last: nil)
            for mask in 0..<(1 << models.count) {
                for last in models.indices { add(mask: mask, last: last) }
            }
        } else {
            for mask in 0..<(1 << models.count) { add(mask: mask, last: nil) }
        }
    }

    /// The loads behind a context: the models of `mask` have run, `last` at the end where it is named.
    private mutating func add(mask: Int, last: Int?) {
        let hasLast = last.map { mask & 1 << $0 != 0 } ?? true
        behind.append(hasLast ? mask : -1)
        var seen = BlockSet()
        if server.reuse == .retained || mask == 0 { seen = state.resident }
        for model in models.indices where mask & 1 << model != 0 {
            seen.formUnion(server.models[models[model]].blockSet)
        }
        table.append(models.indices.map { load($0, seen, last) })
    }

    private func load(_ model: Int, _ seen: BlockSet, _ last: Int?) -> Load {
        let blocks = server.models[models[model]].blocks
        var load = Load()
        for block in blocks where !seen.contains(block) {
            load.roomySeconds += server.blocks[block].loadSeconds
            load.bytes += server.blocks[block].bytes
        }
        load.seconds = load.roomySeconds
        guard let last else { return load }
        let kept = server.models[models[last]].blockSet
        if server.reuse == .retained {
            let full = blocks.reduce(0) { kept.contains($1) ? $0 : $0 + server.blocks[$1].loadSeconds }
            let beside = blocks.filter { seen.contains($0) && !kept.contains($0) }
            let room = server.memoryBytes - server.bytes(of: kept)
            // The difference of two sums of the same blocks may be a rounding under 0.
            load.seconds = max(full - mostSaved(of: beside, in: room), load.roomySeconds)
        }
        var together = state.pinned
        together.formUnion(kept)
        together.formUnion(server.models[models[model]].blockSet)
        load.waits = server.overlap && server.bytes(of: together) > server.memoryBytes
        return load
    }

    /// The most seconds that `blocks` can have saved by being resident in `room` bytes: those that fit at all, the last in part.
    private func mostSaved(of blocks: [Int], in room: Int) -> Double {
        let fitting = blocks.filter { server.blocks[$0].bytes <= room }.map { server.blocks[$0] }
        var rest = room
        var saved = 0.0
        func value(_ block: EdgeServer.Block) -> Double { block.loadSeconds / Double(max(block.bytes, 1)) }
        for block in fitting.sorted(by: { value($0) > value($1) }) {
            guard block.bytes > rest else {
                rest -= block.bytes
                saved += block.loadSeconds
                continue
            }
            return saved + block.loadSeconds * Double(rest) / Double(block.bytes)
        }
        return saved
    }
}
