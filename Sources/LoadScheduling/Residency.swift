/// Which blocks are resident while a timeline is computed: scratch that keeps its memory.
///
/// Batches are counted from 0; what runs at the moment of planning counts as batch -1.
struct Residency: Sendable {
    /// Blocks evicted for the batch at hand, in order.
    private(set) var evicted: [Int] = []
    private(set) var resident = BlockSet()
    /// What is resident takes this much.
    private(set) var bytes = 0
    /// For each block, ``base`` and the last batch that used it; less than ``base`` - 1 for none.
    private var lastUse: [Int] = []
    private var base = 2
    private var batchCount = 0
    private var uses = NextUses()
    private var queue = EvictionQueue()
    /// The first batch whose blocks are not in ``queue``; nil where nothing is yet.
    private var firstProtected: Int?
    private var scratch: [Int] = []

    /// Starts a pass over a list of batches.
    mutating func reset() {
        uses.reset()
        evicted.removeAll(keepingCapacity: true)
    }

    /// Starts from what is resident in `state`.
    mutating func begin(_ state: ServerState, on server: EdgeServer, batches: Int) {
        resident.assign(state.resident)
        bytes = server.bytes(of: resident)
        forgetUses(state, server, batches)
    }

    /// Starts at batch `index` from what `record` holds of it; batches from `unfinished` on, -1 for what runs at the moment of
    /// planning, may be in use.
    mutating func resume(
        at index: Int,
        _ record: LoadRecord,
        of batches: [BatchOutline],
        unfinished: Int,
        _ state: ServerState,
        on server: EdgeServer
    ) {
        record.restore(index, to: &resident)
        bytes = record.steps[index].residentBytes
        forgetUses(state, server, batches.count)
        let first = server.reuse == .consecutive ? index - 1 : unfinished
        for batch in max(first, 0)..<max(index, 0) {
            for block in server.models[batches[batch].model].blocks { lastUse[block] = base + batch }
        }
    }

    private mutating func forgetUses(_ state: ServerState, _ server: EdgeServer, _ batches: Int) {
        base += batchCount + 2
        batchCount = batches
        if lastUse.count < server.blocks.count {
            lastUse.append(contentsOf: repeatElement(0, count: server.blocks.count - lastUse.count))
        }
        state.executing.forEach { lastUse[$0] = base - 1 }
        firstProtected = nil
    }

    /// Whether `block` is resident when batch `index` comes up, before it is noted as using it.
    func isResident(_ block: Int, for index: Int, _ reuse: EdgeServer.Reuse) -> Bool {
        reuse == .consecutive && index > 0 ? lastUse[block] == base + index - 1 : resident.contains(block)
    }

    /// Notes that batch `index` uses `blocks`; seconds and bytes of those it must load.
    mutating func use(_ blocks: [Int], by index: Int, on server: EdgeServer) -> (seconds: Double, bytes: Int) {
        var seconds = 0.0
        var sum = 0
        evicted.removeAll(keepingCapacity: true)
        for block in blocks {
            if !isResident(block, for: index, server.reuse) {
                seconds += server.blocks[block].loadSeconds
                sum &+= server.blocks[block].bytes
            }
            lastUse[block] = base + index
        }
        return (seconds, sum)
    }

    /// Puts the blocks of a batch in.
    mutating func insert(_ blocks: [Int], on server: EdgeServer) {
        for block in blocks where resident.insert(block) { bytes &+= server.blocks[block].bytes }
    }

    /// Whether that many more bytes fit without evicting anything.
    func hasRoom(for needed: Int, on server: EdgeServer) -> Bool { bytes + needed <= server.memoryBytes }

    /// Evicts for batch `index` until `needed` more bytes fit: the block whose next use lies furthest away goes first, and
    /// among those never used again the one least worth keeping. Blocks of batches from `protected` on and pinned ones stay.
    mutating func makeRoom(
        _ needed: Int,
        for index: Int,
        of batches: [BatchOutline],
        protecting protected: Int,
        _ state: ServerState,
        on server: EdgeServer
    ) {
        uses.advance(to: index, of: batches, on: server)
        release(until: protected, batches, state, server)
        while !hasRoom(for: needed, on: server), let block = queue.popUnneeded() { evict(block, server) }
        while !hasRoom(for: needed, on: server), let use = queue.furthestUse(after: index) {
            evict(nextUsedBy: use, of: batches, needed, protected, state, server)
        }
    }

    private mutating func evict(_ block: Int, _ server: EdgeServer) {
        resident.remove(block)
        bytes &-= server.blocks[block].bytes
        evicted.append(block)
    }

    private mutating func evict(
        nextUsedBy use: Int,
        of batches: [BatchOutline],
        _ needed: Int,
        _ protected: Int,
        _ state: ServerState,
        _ server: EdgeServer
    ) {
        scratch.removeAll(keepingCapacity: true)
        for block in server.models[batches[use].model].blocks
        where uses.next[block] == use && resident.contains(block) && lastUse[block] < base + protected
            && !state.pinned.contains(block)
        {
            scratch.append(block)
        }
        if scratch.count > 1 {
            let blocks = server.blocks
            scratch.sort { (blocks[$0].retention, $0) < (blocks[$1].retention, $1) }
        }
        for block in scratch {
            guard !hasRoom(for: needed, on: server) else { return }
            evict(block, server)
        }
        queue.clear(use)
    }

    /// Lets the blocks of batches before `protected` be evicted, as far as no later batch up to the one at hand uses them.
    private mutating func release(
        until protected: Int,
        _ batches: [BatchOutline],
        _ state: ServerState,
        _ server: EdgeServer
    ) {
        guard let first = firstProtected else {
            firstProtected = protected
            queue.reset(batches: batches.count)
            resident.forEach { block in
                guard lastUse[block] < base + protected, !state.pinned.contains(block) else { return }
                queue.append(block, nextUse: uses.next[block], retention: server.blocks[block].retention)
            }
            queue.order()
            return
        }
        guard first < protected else { return }
        firstProtected = protected
        if first < 0 { state.executing.forEach { if lastUse[$0] == base - 1 { enter($0, state, server) } } }
        for batch in max(first, 0)..<protected {
            for block in server.models[batches[batch].model].blocks where lastUse[block] == base + batch {
                enter(block, state, server)
            }
        }
    }

    private mutating func enter(_ block: Int, _ state: ServerState, _ server: EdgeServer) {
        guard !state.pinned.contains(block), resident.contains(block) else { return }
        queue.enter(block, nextUse: uses.next[block], retention: server.blocks[block].retention)
    }
}
