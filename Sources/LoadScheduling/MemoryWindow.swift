/// The longest run of batches up to the one at hand whose blocks fit in memory together, beside what is pinned.
///
/// As batches finish in order, those that have not finished when a load starts are always the last few before it: the load waits
/// for the batch just before the run, whatever the times are. The run only ever moves forwards.
/// - Complexity: O(blocks of the batches passed).
struct MemoryWindow: Sendable {
    /// The first batch of the run.
    private(set) var start = 0
    private var end = 0
    private var bytes = 0
    /// For each block, how many batches of the run (and the pin) need it.
    private var counts: [Int] = []
    private var hasBegun = false

    mutating func reset() { hasBegun = false }

    /// Moves on to batch `index`; false where it does not fit even alone.
    mutating func advance(
        to index: Int,
        of sequence: BlockSequence,
        beside pinned: BlockSet,
        on server: EdgeServer
    ) -> Bool {
        if !hasBegun { begin(at: index, sequence, pinned, server) }
        while end <= index {
            add(sequence.range(end), sequence.blocks, server.blocks)
            while bytes > server.memoryBytes, start < end { removeFirst(sequence, server) }
            end += 1
        }
        return bytes <= server.memoryBytes
    }

    /// Whether `blocks` fit beside the run, too.
    func hasRoom(for blocks: BlockSet, on server: EdgeServer) -> Bool {
        var needed = bytes
        blocks.forEach { if counts[$0] == 0 { needed &+= server.blocks[$0].bytes } }
        return needed <= server.memoryBytes
    }

    /// Finds the run that ends before batch `index`, going backwards.
    private mutating func begin(at index: Int, _ sequence: BlockSequence, _ pinned: BlockSet, _ server: EdgeServer) {
        hasBegun = true
        start = index
        end = index
        bytes = 0
        counts.removeAll(keepingCapacity: true)
        counts.append(contentsOf: repeatElement(0, count: server.blocks.count))
        pinned.forEach { block in
            counts[block] = 1
            bytes &+= server.blocks[block].bytes
        }
        while start > 0 {
            start -= 1
            add(sequence.range(start), sequence.blocks, server.blocks)
            if bytes > server.memoryBytes { return removeFirst(sequence, server) }
        }
    }

    private mutating func removeFirst(_ sequence: BlockSequence, _ server: EdgeServer) {
        remove(sequence.range(start), sequence.blocks, server.blocks)
        start += 1
    }

    private mutating func add(_ range: Range<Int>, _ blocks: [Int], _ table: [EdgeServer.Block]) {
        var sum = bytes
        for place in range {
            let block = blocks[place]
            if counts[block] == 0 { sum &+= table[block].bytes }
            counts[block] &+= 1
        }
        bytes = sum
    }

    private mutating func remove(_ range: Range<Int>, _ blocks: [Int], _ table: [EdgeServer.Block]) {
        var sum = bytes
        for place in range {
            let block = blocks[place]
            counts[block] &-= 1
            if counts[block] == 0 { sum &-= table[block].bytes }
        }
        bytes = sum
    }
}
