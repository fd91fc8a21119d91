/// The groups of ``BlockGroups``, parted by what a ``ServerState`` says of their blocks: the blocks of a part come and go as one,
/// but that the last ones needed to make room may stay.
///
/// As they share every use, what is resident of a part is always all but the first few in the order of eviction: a number says it.
struct BlockParts: Sendable {
    /// For each part, where its blocks begin in ``members``; one more for the end.
    private(set) var offsets: [Int] = [0]
    /// The blocks of all parts, those of a part in the order they would be evicted.
    private(set) var members: [Int] = []
    /// For each of ``members`` its ``EdgeServer/Block/retention``.
    private(set) var retentions: [Double] = []
    /// Bytes of the first blocks of each part, of none up to all: see ``place(_:_:)``.
    private(set) var bytes: [Int] = []
    /// Load seconds of the first blocks of each part, likewise.
    private(set) var seconds: [Double] = []
    /// For each part, how many of its blocks are not resident: none or all.
    private(set) var away: [Int] = []
    /// The parts that must stay.
    private(set) var pinned: [Int] = []
    /// For each part, whether it must stay.
    private(set) var isPinned: [Bool] = []
    /// The parts of the batch that runs.
    private(set) var executing: [Int] = []
    /// For each group, its first part; one more for the end.
    private var firstParts: [Int] = []
    private(set) var groups = BlockGroups()
    private var version = -1
    private var resident = BlockSet()
    private var loading = BlockSet()
    private var pins = BlockSet()
    private var running = BlockSet()
    /// For each block, a bit for each of the sets above that holds it.
    private var marks: [UInt8] = []

    /// How many parts there are.
    var count: Int { away.count }

    /// How many blocks a part has.
    func size(_ part: Int) -> Int { offsets[part + 1] - offsets[part] }

    /// Where ``bytes`` and ``seconds`` have the sums of the first `blocks` blocks of a part.
    func place(_ part: Int, _ blocks: Int) -> Int { offsets[part] + part + blocks }

    /// What a whole part takes in memory, in bytes.
    func bytes(_ part: Int) -> Int { bytes[offsets[part + 1] + part] }

    /// The parts of a group.
    func range(ofGroup group: Int) -> Range<Int> { firstParts[group]..<firstParts[group + 1] }

    /// Calls `body` with each part of `model`.
    func forEach(of model: Int, _ body: (Int) -> Void) {
        for place in groups.range(model) { range(ofGroup: groups.modelGroups[place]).forEach(body) }
    }

    /// Becomes what `server` and `state` need.
    /// - Complexity: that of ``BlockGroups/update(for:)``, and O(blocks) where the state has other blocks than before.
    mutating func update(for server: EdgeServer, _ state: ServerState) {
        groups.update(for: server)
        guard version != groups.version || !holds(state) else { return }
        version = groups.version
        resident = state.resident
        loading = state.loading
        pins = state.pinned
        running = state.executing
        mark(server.blocks.count)
        removeAll()
        for group in 0..<groups.offsets.count - 1 {
            firstParts.append(count)
            part(group, server.blocks)
        }
        firstParts.append(count)
    }

    private func holds(_ state: ServerState) -> Bool {
        resident == state.resident && loading == state.loading && pins == state.pinned && running == state.executing
    }

    private mutating func mark(_ count: Int) {
        var marks = self.marks
        marks.removeAll(keepingCapacity: true)
        marks.append(contentsOf: repeatElement(0, count: count))
        resident.forEach { marks[$0] |= Self.isResident }
        loading.forEach { marks[$0] |= 2 }
        pins.forEach { marks[$0] |= Self.isPinned }
        running.forEach { marks[$0] |= Self.isExecuting }
        self.marks = marks
    }

    private static let isResident: UInt8 = 1
    private static let isPinned: UInt8 = 4
    private static let isExecuting: UInt8 = 8

    private mutating func removeAll() {
        offsets.removeAll(keepingCapacity: true)
        offsets.append(0)
        members.removeAll(keepingCapacity: true)
        retentions.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        seconds.removeAll(keepingCapacity: true)
        away.removeAll(keepingCapacity: true)
        pinned.removeAll(keepingCapacity: true)
        isPinned.removeAll(keepingCapacity: true)
        executing.removeAll(keepingCapacity: true)
        firstParts.removeAll(keepingCapacity: true)
    }

    /// Parts a group: most are of one kind.
    private mutating func part(_ group: Int, _ blocks: [EdgeServer.Block]) {
        let range = groups.offsets[group]..<groups.offsets[group + 1]
        var left: UInt16 = 0
        for place in range { left |= 1 << UInt16(marks[groups.members[place]]) }
        while left != 0 {
            append(UInt8(left.trailingZeroBitCount), range, blocks)
            left &= left - 1
        }
    }

    /// Appends the part of those blocks of a group that are marked `mark`.
    private mutating func append(_ mark: UInt8, _ range: Range<Int>, _ blocks: [EdgeServer.Block]) {
        var sum = (bytes: 0, seconds: 0.0)
        bytes.append(0)
        seconds.append(0)
        for place in range where marks[groups.members[place]] == mark {
            let block = groups.members[place]
            sum.bytes &+= blocks[block].bytes
            sum.seconds += blocks[block].loadSeconds
            members.append(block)
            retentions.append(blocks[block].retention)
            bytes.append(sum.bytes)
            seconds.append(sum.seconds)
        }
        let part = count
        if mark & Self.isPinned != 0 { pinned.append(part) }
        if mark & Self.isExecuting != 0 { executing.append(part) }
        isPinned.append(mark & Self.isPinned != 0)
        away.append(mark & Self.isResident != 0 ? 0 : members.count - (offsets.last ?? 0))
        offsets.append(members.count)
    }
}
