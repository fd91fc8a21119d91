/// What is resident while a timeline is computed, part by part of ``BlockParts``: scratch that keeps its memory.
///
/// Batches are counted from 0; what runs at the moment of planning counts as batch -1.
struct Residency: Sendable {
    /// The parts there are.
    var table = BlockParts()
    /// The parts of the batches of the list, in their order.
    var sequence = BlockSequence()
    /// What the batch at hand must load.
    private(set) var loaded: [PartChange] = []
    /// What is evicted for the batch at hand.
    private(set) var evicted: [PartChange] = []
    /// Where in ``evicted`` that begins which is next used by another batch than what comes before it; kept for ``evictedBlocks``.
    private var phases: [Int] = []
    /// The first batch after the last that used one of ``evicted``, as far as uses were noted.
    private(set) var firstUnusing = -1
    /// The first batch whose uses are noted; -1 where all are.
    private var firstNoted = -1
    /// For each part, how many of its blocks are not resident: the first ones in the order of eviction.
    private(set) var away: [Int] = []
    /// What would be away if the load at hand and all before were as they are known.
    private var known: [Int] = []
    /// How many parts differ in that.
    private var differing = 0
    /// What is resident takes this much.
    private(set) var bytes = 0
    /// For each part, ``base`` and the last batch that used it; less than ``base`` - 1 for none.
    private var lastUse: [Int] = []
    private var base = 2
    private var batchCount = 0
    private var uses = NextUses()
    private var queue = EvictionQueue()
    /// The first batch whose parts are not in ``queue``; nil where nothing is yet.
    private var firstProtected: Int?
    private var scratch: [Int] = []

    /// Starts a pass over a list of batches.
    mutating func reset() {
        uses.reset()
        loaded.removeAll(keepingCapacity: true)
        evicted.removeAll(keepingCapacity: true)
    }

    /// Makes ``sequence``, where that has not been done.
    mutating func makeSequence(_ batches: [BatchOutline]) { sequence.make(batches, &table) }

    /// Starts at batch `index` from what `record` holds of the loads before; batches from `unfinished` on, -1 for what runs at the
    /// moment of planning, may be in use.
    mutating func begin(
        at index: Int,
        _ record: LoadRecord,
        of batches: [BatchOutline],
        unfinished: Int,
        on server: EdgeServer
    ) {
        makeSequence(batches)
        away.removeAll(keepingCapacity: true)
        away.append(contentsOf: table.away)
        record.apply(upTo: index, to: &away)
        known.removeAll(keepingCapacity: true)
        known.append(contentsOf: away)
        differing = 0
        bytes = 0
        for part in away.indices { bytes &+= residentBytes(part) }
        forgetUses(batches.count)
        firstNoted = -1
        guard index > 0 else { return }
        let first = server.reuse == .consecutive ? index - 1 : max(unfinished, 0)
        firstNoted = first
        for batch in first..<index { noteUse(sequence.range(batch), sequence.parts, base + batch) }
    }

    private mutating func forgetUses(_ batches: Int) {
        base += batchCount + 2
        batchCount = batches
        if lastUse.count < table.count {
            lastUse.append(contentsOf: repeatElement(0, count: table.count - lastUse.count))
        }
        for part in table.executing { lastUse[part] = base - 1 }
        firstProtected = nil
    }

    private mutating func noteUse(_ range: Range<Int>, _ parts: [Int], _ use: Int) {
        for place in range { lastUse[parts[place]] = use }
    }

    /// Follows what is known of the load of batch `index`, for ``isAsKnown``.
    mutating func follow(_ record: LoadRecord, at index: Int) {
        for place in record.steps[index].changes {
            let change = record.changes[place]
            let before = known[change.part]
            known[change.part] = before &+ change.blocks
            count(away[change.part] != before, away[change.part] != known[change.part])
        }
    }

    /// Whether just that is resident which would be if all loads up to the one at hand were as they are known.
    var isAsKnown: Bool { differing == 0 }

    private mutating func count(_ differed: Bool, _ differs: Bool) {
        differing &+= (differs ? 1 : 0) &- (differed ? 1 : 0)
    }

    private mutating func change(_ part: Int, by blocks: Int) {
        let before = away[part]
        away[part] = before &+ blocks
        count(before != known[part], before &+ blocks != known[part])
    }

    /// Notes that batch `index` uses its parts; seconds and bytes of what it must load, which is ``loaded``.
    mutating func use(by index: Int, on server: EdgeServer) -> (seconds: Double, bytes: Int) {
        loaded.removeAll(keepingCapacity: true)
        evicted.removeAll(keepingCapacity: true)
        phases.removeAll(keepingCapacity: true)
        let isConsecutive = server.reuse == .consecutive && index > 0
        let missing =
            isConsecutive
            ? findMissing(sequence.range(index), after: base + index - 1) : findMissing(sequence.range(index))
        noteUse(sequence.range(index), sequence.parts, base + index)
        return missing
    }

    private mutating func findMissing(_ range: Range<Int>, after use: Int) -> (seconds: Double, bytes: Int) {
        var missing = (seconds: 0.0, bytes: 0)
        for place in range where lastUse[sequence.parts[place]] != use {
            lack(sequence.parts[place], table.parts[sequence.parts[place]].size, &missing)
        }
        return missing
    }

    private mutating func findMissing(_ range: Range<Int>) -> (seconds: Double, bytes: Int) {
        var missing = (seconds: 0.0, bytes: 0)
        for place in range where away[sequence.parts[place]] > 0 {
            lack(sequence.parts[place], away[sequence.parts[place]], &missing)
        }
        return missing
    }

    private mutating func lack(_ part: Int, _ blocks: Int, _ missing: inout (seconds: Double, bytes: Int)) {
        loaded.append(PartChange(part: part, blocks: -blocks))
        let end = table.parts[part].start + blocks
        missing.seconds += table.members[end].secondsBefore
        missing.bytes &+= table.members[end].bytesBefore
    }

    /// Puts what the batch at hand must load in; it takes `bytes`.
    mutating func insertLoaded(_ bytes: Int) {
        for index in loaded.indices { change(loaded[index].part, by: loaded[index].blocks) }
        self.bytes &+= bytes
    }

    private func residentBytes(_ part: Int) -> Int {
        table.parts[part].bytes &- table.members[table.parts[part].start + away[part]].bytesBefore
    }

    /// Whether that many more bytes fit without evicting anything.
    func hasRoom(for needed: Int, on server: EdgeServer) -> Bool { bytes + needed <= server.memoryBytes }
}

extension Residency {
    /// Evicts for batch `index` until `needed` more bytes fit: the block whose next use lies furthest away goes first, and
    /// among those never used again the one least worth keeping. Blocks of batches from `protected` on and pinned ones stay.
    mutating func makeRoom(_ needed: Int, for index: Int, protecting protected: Int, on server: EdgeServer) {
        firstUnusing = firstNoted
        uses.advance(to: index, of: &sequence, partCount: table.count)
        release(until: protected)
        let limit = server.memoryBytes - needed
        while bytes > limit, let first = queue.unneeded { evict(first, limit) }
        while bytes > limit, let use = queue.furthestUse(after: index) { evict(nextUsedBy: use, protected, limit) }
    }

    /// Evicts the first blocks of a part never used again, as far as none of another part goes before them.
    private mutating func evict(_ first: EvictionQueue.Unneeded, _ limit: Int) {
        evict(first.part, run(of: first.part, before: queue.secondUnneeded?.member, limit))
        let isEmpty = away[first.part] == table.parts[first.part].size
        queue.replaceUnneeded(with: isEmpty ? nil : unneeded(first.part))
    }

    /// How many of a part's resident blocks are to go in a row until there is room or `other` goes first; at least one.
    private func run(of part: Int, before other: BlockParts.Member?, _ limit: Int) -> Int {
        let (start, end) = (table.parts[part].start + away[part], table.parts[part].end)
        let goal = bytes - limit + table.members[start].bytesBefore
        var place = start + 1
        while place < end, table.members[place].bytesBefore < goal {
            if let other, other.goes(before: table.members[place]) { break }
            place += 1
        }
        return place - start
    }

    private mutating func evict(_ part: Int, _ blocks: Int) {
        let before = residentBytes(part)
        change(part, by: blocks)
        bytes &-= before &- residentBytes(part)
        firstUnusing = max(firstUnusing, lastUse[part] - base + 1)
        if let last = evicted.indices.last, evicted[last].part == part, phases.last != evicted.count {
            evicted[last].blocks += blocks
        } else {
            evicted.append(PartChange(part: part, blocks: blocks))
        }
    }

    private mutating func evict(nextUsedBy use: Int, _ protected: Int, _ limit: Int) {
        phases.append(evicted.count)
        var excess = bytes - limit
        scratch.removeAll(keepingCapacity: true)
        for place in sequence.range(use) {
            let part = sequence.parts[place]
            guard uses.next[part] == use, lastUse[part] < base + protected, isEvictable(part) else { continue }
            scratch.append(part)
            excess -= residentBytes(part)
        }
        // Where all of them must go, their order does not matter.
        guard excess < 0 else {
            for part in scratch { evict(part, table.parts[part].size - away[part]) }
            return queue.clear(use)
        }
        while bytes > limit, let (first, second) = firstOfScratch() {
            evict(first.part, run(of: first.part, before: second, limit))
        }
    }

    /// The blocks of ``scratch`` to go first, of two parts; nil where none is left.
    private func firstOfScratch() -> (EvictionQueue.Unneeded, BlockParts.Member?)? {
        var first: EvictionQueue.Unneeded?
        var second: EvictionQueue.Unneeded?
        for part in scratch where away[part] < table.parts[part].size {
            let candidate = unneeded(part)
            if let best = first, !candidate.goes(before: best) {
                if second.map({ candidate.goes(before: $0) }) ?? true { second = candidate }
            } else {
                (first, second) = (candidate, first)
            }
        }
        return first.map { ($0, second?.member) }
    }

    /// A part with its block that goes first.
    private func unneeded(_ part: Int) -> EvictionQueue.Unneeded {
        EvictionQueue.Unneeded(part: part, member: table.members[table.parts[part].start + away[part]])
    }

    /// Lets what batches before `protected` use be evicted, as far as no later batch up to the one at hand uses it.
    private mutating func release(until protected: Int) {
        guard let first = firstProtected else {
            firstProtected = protected
            queue.reset(batches: batchCount)
            for part in away.indices where lastUse[part] < base + protected && isEvictable(part) {
                let use = uses.next[part]
                if use == BlockSequence.never { queue.append(unneeded(part)) } else { queue.enter(nextUse: use) }
            }
            return queue.order()
        }
        guard first < protected else { return }
        firstProtected = protected
        if first < 0 { for part in table.executing where lastUse[part] == base - 1 { enter(part) } }
        for batch in max(first, 0)..<protected {
            for place in sequence.range(batch) where lastUse[sequence.parts[place]] == base + batch {
                enter(sequence.parts[place])
            }
        }
    }

    private func isEvictable(_ part: Int) -> Bool { away[part] < table.parts[part].size && !table.parts[part].isPinned }

    private mutating func enter(_ part: Int) {
        guard isEvictable(part) else { return }
        let use = uses.next[part]
        if use == BlockSequence.never { queue.enter(unneeded(part)) } else { queue.enter(nextUse: use) }
    }
}

extension Residency {
    /// The blocks of ``loaded``, in the order of the chain of `model`.
    /// - Complexity: O(blocks of the model and of its parts).
    func loadedBlocks(of model: EdgeServer.Model) -> [Int] {
        var missing = BlockSet()
        for change in loaded {
            let start = table.parts[change.part].start
            for place in start..<start - change.blocks { missing.insert(table.members[place].block) }
        }
        return model.blocks.filter(missing.contains)
    }

    /// The blocks of ``evicted``, in the order they go; to be asked before anything is loaded.
    /// - Complexity: O(blocks evicted * log blocks evicted).
    func evictedBlocks(on server: EdgeServer) -> [Int] {
        var result: [Int] = []
        var next = Dictionary(evicted.map { ($0.part, 0) }, uniquingKeysWith: max)
        for change in evicted { next[change.part, default: 0] += change.blocks }
        for (part, blocks) in next { next[part] = table.parts[part].start + away[part] - blocks }
        let ends = phases + [evicted.count]
        var start = 0
        for end in ends {
            var phase: [Int] = []
            for change in evicted[start..<end] {
                let from = next[change.part, default: 0]
                for place in from..<from + change.blocks { phase.append(table.members[place].block) }
                next[change.part] = from + change.blocks
            }
            let blocks = server.blocks
            result += phase.sorted { (blocks[$0].retention, $0) < (blocks[$1].retention, $1) }
            start = end
        }
        return result
    }

    /// The blocks that are resident where `away` are not.
    /// - Complexity: O(blocks).
    func resident(without away: [Int], capacity: Int) -> BlockSet {
        var resident = BlockSet(capacity: capacity)
        for part in away.indices {
            let stay = table.parts[part].start + away[part]..<table.parts[part].end
            for place in stay { resident.insert(table.members[place].block) }
        }
        return resident
    }
}
