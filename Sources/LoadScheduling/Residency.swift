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
    var evicted: [PartChange] = []
    /// For each of ``evicted``, where its blocks begin among the members of ``table``; kept for ``evictedBlocks``.
    var evictedFrom: [Int] = []
    /// Where in ``evicted`` that begins which is next used by another batch than what comes before it; kept for ``evictedBlocks``.
    var phases: [Int] = []
    /// The first batch after the last that used one of ``evicted``, as far as uses were noted.
    var firstUnusing = -1
    /// The first batch whose uses are noted; -1 where all are.
    var firstNoted = -1
    /// For each part, how many of its blocks are not resident: the first ones in the order of eviction.
    var away: [Int] = []
    /// What would be away if the load at hand and all before were as they are known.
    private var known: [Int] = []
    /// How many parts differ in that.
    private var differing = 0
    /// What is resident takes this much.
    var bytes = 0
    /// For each part, ``base`` and the last batch that used it; less than ``base`` - 1 for none.
    var lastUse: [Int] = []
    var base = 2
    var batchCount = 0
    var uses = NextUses()
    var queue = EvictionQueue()
    /// The first batch whose parts are not in ``queue``; nil where nothing is yet.
    var firstProtected: Int?
    var scratch: [Int] = []

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
        for part in away.indices where away[part] < table.parts[part].size { bytes &+= residentBytes(part) }
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

    mutating func change(_ part: Int, by blocks: Int) {
        let before = away[part]
        away[part] = before &+ blocks
        count(before != known[part], before &+ blocks != known[part])
    }

    /// Notes that batch `index` uses its parts; seconds and bytes of what it must load, which is ``loaded``.
    mutating func use(by index: Int, on server: EdgeServer) -> (seconds: Double, bytes: Int) {
        loaded.removeAll(keepingCapacity: true)
        evicted.removeAll(keepingCapacity: true)
        phases.removeAll(keepingCapacity: true)
        evictedFrom.removeAll(keepingCapacity: true)
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

    func residentBytes(_ part: Int) -> Int {
        table.parts[part].bytes &- table.members[table.parts[part].start + away[part]].bytesBefore
    }

    /// Whether that many more bytes fit without evicting anything.
    func hasRoom(for needed: Int, on server: EdgeServer) -> Bool { bytes + needed <= server.memoryBytes }
}
