/// Which blocks are resident while a timeline is computed: scratch that keeps its memory.
///
/// Batches are counted from 0; what runs at the moment of planning counts as batch -1.
struct Residency: Sendable {
    /// The blocks of the batches of the list, in their order.
    var sequence = BlockSequence()
    /// What the batch at hand must load.
    private(set) var loaded: [Int] = []
    /// Blocks evicted for the batch at hand, in order.
    private(set) var evicted: [Int] = []
    /// The first batch after the last that used one of ``evicted``, as far as uses were noted.
    private(set) var firstUnusing = -1
    /// The first batch whose uses are noted; -1 where all are.
    private var firstNoted = -1
    private(set) var resident = BlockSet()
    /// What would be resident if the load at hand and all before were as they are known.
    private var known = BlockSet()
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
    private var hasPins = false
    private var scratch: [Int] = []

    /// Starts a pass over a list of batches.
    mutating func reset() {
        uses.reset()
        loaded.removeAll(keepingCapacity: true)
        evicted.removeAll(keepingCapacity: true)
    }

    /// Starts at batch `index` from what `record` holds of the loads before; batches from `unfinished` on, -1 for what runs at the
    /// moment of planning, may be in use.
    mutating func begin(
        at index: Int,
        _ record: LoadRecord,
        of batches: [BatchOutline],
        unfinished: Int,
        _ state: ServerState,
        on server: EdgeServer
    ) {
        sequence.make(batches, on: server)
        resident.assign(state.resident)
        resident.reserve(server.blocks.count)
        record.apply(upTo: index, to: &resident)
        known.assign(resident)
        bytes = server.bytes(of: resident)
        forgetUses(state, server, batches.count)
        hasPins = !state.pinned.isEmpty
        firstNoted = -1
        guard index > 0 else { return }
        let first = server.reuse == .consecutive ? index - 1 : max(unfinished, 0)
        firstNoted = first
        for batch in first..<index { noteUse(sequence.range(batch), sequence.blocks, base + batch) }
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

    private mutating func noteUse(_ range: Range<Int>, _ blocks: [Int], _ use: Int) {
        for place in range { lastUse[blocks[place]] = use }
    }

    /// Follows what is known of the load of batch `index`, for ``isAsKnown``.
    mutating func follow(_ record: LoadRecord, at index: Int) { record.apply(index, to: &known) }

    /// Whether just that is resident which would be if all loads up to the one at hand were as they are known.
    var isAsKnown: Bool { resident.isSame(as: known) }

    /// Notes that batch `index` uses its blocks; seconds and bytes of those it must load, which are ``loaded``.
    mutating func use(by index: Int, on server: EdgeServer) -> (seconds: Double, bytes: Int) {
        loaded.removeAll(keepingCapacity: true)
        evicted.removeAll(keepingCapacity: true)
        if server.reuse == .consecutive, index > 0 {
            findMissing(sequence.range(index), sequence.blocks, after: base + index - 1)
        } else {
            findMissing(sequence.range(index), sequence.blocks)
        }
        noteUse(sequence.range(index), sequence.blocks, base + index)
        return sum(of: loaded, server.blocks)
    }

    private mutating func findMissing(_ range: Range<Int>, _ blocks: [Int], after use: Int) {
        for place in range where lastUse[blocks[place]] != use { loaded.append(blocks[place]) }
    }

    private mutating func findMissing(_ range: Range<Int>, _ blocks: [Int]) {
        for place in range where !resident.contains(blocks[place]) { loaded.append(blocks[place]) }
    }

    private func sum(of list: [Int], _ table: [EdgeServer.Block]) -> (seconds: Double, bytes: Int) {
        var seconds = 0.0
        var bytes = 0
        for block in list {
            seconds += table[block].loadSeconds
            bytes &+= table[block].bytes
        }
        return (seconds, bytes)
    }

    /// Puts what the batch at hand must load in; it takes `bytes`.
    mutating func insertLoaded(_ bytes: Int) {
        resident.toggle(loaded, in: loaded.indices)
        self.bytes &+= bytes
    }

    /// Whether that many more bytes fit without evicting anything.
    func hasRoom(for needed: Int, on server: EdgeServer) -> Bool { bytes + needed <= server.memoryBytes }

    /// Evicts for batch `index` until `needed` more bytes fit: the block whose next use lies furthest away goes first, and
    /// among those never used again the one least worth keeping. Blocks of batches from `protected` on and pinned ones stay.
    mutating func makeRoom(
        _ needed: Int,
        for index: Int,
        protecting protected: Int,
        _ state: ServerState,
        on server: EdgeServer
    ) {
        firstUnusing = firstNoted
        uses.advance(to: index, of: &sequence, blockCount: server.blocks.count)
        release(until: protected, state, server)
        while !hasRoom(for: needed, on: server), let block = queue.popUnneeded() { evict(block, server) }
        while !hasRoom(for: needed, on: server), let use = queue.furthestUse(after: index) {
            evict(nextUsedBy: use, needed, protected, state, server)
        }
    }

    private mutating func evict(_ block: Int, _ server: EdgeServer) {
        resident.remove(block)
        bytes &-= server.blocks[block].bytes
        evicted.append(block)
        firstUnusing = max(firstUnusing, lastUse[block] - base + 1)
    }

    private mutating func evict(
        nextUsedBy use: Int,
        _ needed: Int,
        _ protected: Int,
        _ state: ServerState,
        _ server: EdgeServer
    ) {
        scratch.removeAll(keepingCapacity: true)
        for place in sequence.range(use) {
            let block = sequence.blocks[place]
            guard uses.next[block] == use, lastUse[block] < base + protected, isEvictable(block, state) else {
                continue
            }
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
    private mutating func release(until protected: Int, _ state: ServerState, _ server: EdgeServer) {
        guard let first = firstProtected else {
            firstProtected = protected
            queue.reset(batches: batchCount)
            resident.forEach { block in
                guard lastUse[block] < base + protected, isEvictable(block, state) else { return }
                queue.append(block, nextUse: uses.next[block], retention: server.blocks[block].retention)
            }
            queue.order()
            return
        }
        guard first < protected else { return }
        firstProtected = protected
        if first < 0 { state.executing.forEach { if lastUse[$0] == base - 1 { enter($0, state, server) } } }
        for batch in max(first, 0)..<protected {
            for place in sequence.range(batch) where lastUse[sequence.blocks[place]] == base + batch {
                enter(sequence.blocks[place], state, server)
            }
        }
    }

    private func isEvictable(_ block: Int, _ state: ServerState) -> Bool {
        resident.contains(block) && !(hasPins && state.pinned.contains(block))
    }

    private mutating func enter(_ block: Int, _ state: ServerState, _ server: EdgeServer) {
        guard isEvictable(block, state) else { return }
        queue.enter(block, nextUse: uses.next[block], retention: server.blocks[block].retention)
    }
}
