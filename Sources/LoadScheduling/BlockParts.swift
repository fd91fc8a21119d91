/// The groups of ``BlockGroups``, parted by what a ``ServerState`` says of their blocks: the blocks of a part come and go as one,
/// but that the last ones needed to make room may stay.
///
/// As they share every use, what is resident of a part is always all but the first few in the order of eviction: a number says it.
/// Made only of what is resident, and of what lists of batches ask for.
struct BlockParts: Sendable {
    /// A part.
    struct Part: Sendable {
        /// Where its blocks begin in ``members``, in the order they would be evicted.
        var start: Int
        /// How many they are.
        var size: Int
        /// What they take in memory.
        var bytes: Int
        /// Whether they must stay.
        var isPinned: Bool

        /// Where they end.
        var end: Int { start + size }
    }

    /// A block of a part; one more at the end of each part has the sums of all.
    struct Member: Sendable {
        var block: Int
        /// Its ``EdgeServer/Block/retention``.
        var retention: Double
        /// Bytes of those of its part that go before it.
        var bytesBefore: Int
        /// Load seconds of those of its part that go before it.
        var secondsBefore: Double

        /// Whether it goes before `other` among blocks with the same next use.
        func goes(before other: Member) -> Bool {
            retention != other.retention ? retention < other.retention : block < other.block
        }
    }

    /// Every part there is so far; those without blocks are no longer in use.
    private(set) var parts: [Part] = []
    /// The blocks of all parts.
    private(set) var members: [Member] = []
    /// For each part, how many of its blocks are not resident: none or all.
    private(set) var away: [Int] = []
    /// The parts that must stay.
    private(set) var pinned: [Int] = []
    /// The parts of the batch that runs.
    private(set) var executing: [Int] = []
    /// For each group, its first part and how many there are; none where nobody has asked.
    private var partsOf: [(first: Int, count: Int)] = []
    /// Groups that were found to have changed; scratch.
    private var changed: [Int] = []
    /// How many parts are no longer in use.
    private var retired = 0
    private var groups: BlockGroups?
    private var blocks: [EdgeServer.Block] = []
    private var resident = BlockSet()
    private var loading = BlockSet()
    private var pins = BlockSet()
    private var running = BlockSet()
    /// Which of these are not empty.
    private var (isLoading, isPinned, isExecuting) = (false, false, false)

    /// How many parts there are.
    var count: Int { parts.count }

    /// Becomes what `server` and `state` need.
    /// - Complexity: O(models + blocks / 64) where nothing has changed, O(blocks) where few blocks are others or elsewhere; else
    ///   O(groups + blocks resident), and where the chains have changed and `server` was given no groups, O(blocks of all models).
    mutating func update(for server: EdgeServer, _ state: ServerState) {
        if holds(for: server, state) { return }
        guard groups?.holds(for: server) ?? false else {
            let given = server.hint.groups
            groups = given?.holds(for: server) ?? false ? given : BlockGroups(of: server)
            take(server, state)
            return makeParts()
        }
        findChanges(server, state)
        take(server, state)
        if isWorthKeeping { makeChangedParts() } else { makeParts() }
    }

    private mutating func take(_ server: EdgeServer, _ state: ServerState) {
        blocks = server.blocks
        resident = state.resident
        loading = state.loading
        pins = state.pinned
        running = state.executing
        (isLoading, isPinned, isExecuting) = (!loading.isEmpty, !pins.isEmpty, !running.isEmpty)
    }

    /// Finds the groups of which a block is another or elsewhere now.
    private mutating func findChanges(_ server: EdgeServer, _ state: ServerState) {
        changed.removeAll(keepingCapacity: true)
        guard let groups else { return }
        for (old, new) in [
            (resident, state.resident), (loading, state.loading), (pins, state.pinned), (running, state.executing),
        ] {
            old.forEachDifference(from: new) { noteChange(of: groups.groupOf[$0]) }
        }
        guard blocks != server.blocks else { return }
        for block in blocks.indices where blocks[block] != server.blocks[block] {
            noteChange(of: groups.groupOf[block])
        }
    }

    private mutating func noteChange(of group: Int) {
        if changed.last != group { changed.append(group) }
    }

    /// Whether few groups have changed, and most of what there is is in use.
    private var isWorthKeeping: Bool {
        changed.count < 64 + parts.count / 4 && retired < 64 + parts.count / 2 && members.count < 256 + 2 * blocks.count
    }

    /// Parts anew only what ``findChanges(_:_:)`` found.
    private mutating func makeChangedParts() {
        guard let groups else { return }
        for group in changed {
            let (first, count) = partsOf[group]
            for part in first..<first + count {
                parts[part].size = 0
                parts[part].bytes = 0
                parts[part].isPinned = false
                away[part] = 0
            }
            retired += count
            partsOf[group] = (0, 0)
        }
        pinned.removeAll { parts[$0].size == 0 }
        executing.removeAll { parts[$0].size == 0 }
        // What is here or has to be counts whoever asks for it; the others are made when a list asks for them.
        for group in changed where isHeld(group, of: groups) { need(group, of: groups) }
    }

    private func isHeld(_ group: Int, of groups: BlockGroups) -> Bool {
        groups.members[groups.offsets[group]..<groups.offsets[group + 1]].contains {
            resident.contains($0) || pins.contains($0) || running.contains($0)
        }
    }

    /// Whether these are the parts of `server` and `state`.
    func holds(for server: EdgeServer, _ state: ServerState) -> Bool {
        holds(state) && blocks == server.blocks && groups?.holds(for: server) ?? false
    }

    private func holds(_ state: ServerState) -> Bool {
        resident == state.resident && loading == state.loading && pins == state.pinned && running == state.executing
    }

    private mutating func makeParts() {
        parts.removeAll(keepingCapacity: true)
        members.removeAll(keepingCapacity: true)
        away.removeAll(keepingCapacity: true)
        pinned.removeAll(keepingCapacity: true)
        executing.removeAll(keepingCapacity: true)
        partsOf.removeAll(keepingCapacity: true)
        retired = 0
        guard let groups else { return }
        partsOf.append(contentsOf: repeatElement((first: 0, count: 0), count: groups.count))
        var held = resident
        held.formUnion(pins)
        held.formUnion(running)
        for block in held.indices { need(groups.groupOf[block], of: groups) }
    }

    /// Appends the parts of `model` to `list`.
    /// - Complexity: O(its parts), and the first time O(its blocks).
    mutating func list(_ model: Int, into list: inout [Int]) {
        guard let groups else { return }
        for place in groups.range(model) {
            let group = groups.modelGroups[place]
            need(group, of: groups)
            for part in partsOf[group].first..<partsOf[group].first + partsOf[group].count { list.append(part) }
        }
    }

    /// Makes the parts of `model`.
    mutating func prepare(_ model: Int) {
        guard let groups else { return }
        for place in groups.range(model) { need(groups.modelGroups[place], of: groups) }
    }

    /// Whether all parts of `model` are there.
    func hasAll(of model: Int) -> Bool {
        guard let groups else { return true }
        return groups.range(model).allSatisfy { partsOf[groups.modelGroups[$0]].count > 0 }
    }

    /// Those parts of `model` that there are.
    func known(of model: Int) -> BlockSet {
        var set = BlockSet(capacity: count)
        guard let groups else { return set }
        for place in groups.range(model) {
            let (first, count) = partsOf[groups.modelGroups[place]]
            for part in first..<first + count { set.insert(part) }
        }
        return set
    }

    /// Parts a group, where that has not been done: most are of one kind.
    private mutating func need(_ group: Int, of groups: BlockGroups) {
        guard partsOf[group].count == 0 else { return }
        let first = count
        let range = groups.offsets[group]..<groups.offsets[group + 1]
        let kind = kind(of: groups.members[range.lowerBound])
        let start = members.count
        var place = range.lowerBound
        while place < range.upperBound, self.kind(of: groups.members[place]) == kind {
            append(groups.members[place], after: start)
            place += 1
        }
        if place == range.upperBound {
            close(kind, from: start)
        } else {
            members.removeLast(members.count - start)
            partByKind(range, of: groups)
        }
        partsOf[group] = (first, count - first)
    }

    private mutating func partByKind(_ range: Range<Int>, of groups: BlockGroups) {
        var kinds: UInt16 = 0
        for place in range { kinds |= 1 << UInt16(kind(of: groups.members[place])) }
        while kinds != 0 {
            let kind = kinds.trailingZeroBitCount
            let start = members.count
            for place in range where self.kind(of: groups.members[place]) == kind {
                append(groups.members[place], after: start)
            }
            close(kind, from: start)
            kinds &= kinds - 1
        }
    }

    private func kind(of block: Int) -> Int {
        var kind = resident.contains(block) ? 1 : 0
        if isLoading, loading.contains(block) { kind |= 2 }
        if isPinned, pins.contains(block) { kind |= 4 }
        if isExecuting, running.contains(block) { kind |= 8 }
        return kind
    }

    /// Appends a block where it belongs among those of its part, which begins at `start`; most come in order.
    private mutating func append(_ block: Int, after start: Int) {
        let member = Member(block: block, retention: blocks[block].retention, bytesBefore: 0, secondsBefore: 0)
        members.append(member)
        var place = members.count - 1
        while place > start, member.goes(before: members[place - 1]) {
            members.swapAt(place, place - 1)
            place -= 1
        }
    }

    /// Makes what was appended from `start` on a part.
    private mutating func close(_ kind: Int, from start: Int) {
        let size = members.count - start
        members.append(Member(block: -1, retention: .infinity, bytesBefore: 0, secondsBefore: 0))
        let bytes = sum(from: start, to: start + size)
        if kind & 4 != 0 { pinned.append(count) }
        if kind & 8 != 0 { executing.append(count) }
        away.append(kind & 1 != 0 ? 0 : size)
        parts.append(Part(start: start, size: size, bytes: bytes, isPinned: kind & 4 != 0))
    }

    private mutating func sum(from start: Int, to end: Int) -> Int {
        var (bytes, seconds) = (0, 0.0)
        for place in start..<end {
            let block = blocks[members[place].block]
            bytes &+= block.bytes
            seconds += block.loadSeconds
            members[place + 1].bytesBefore = bytes
            members[place + 1].secondsBefore = seconds
        }
        return bytes
    }
}
