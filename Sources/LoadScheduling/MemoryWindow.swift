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
        of batches: [BatchOutline],
        beside pinned: BlockSet,
        on server: EdgeServer
    ) -> Bool {
        if !hasBegun { begin(at: index, batches, pinned, server) }
        while end <= index {
            for block in server.models[batches[end].model].blocks {
                if counts[block] == 0 { bytes &+= server.blocks[block].bytes }
                counts[block] += 1
            }
            while bytes > server.memoryBytes, start < end { removeFirst(batches, server) }
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
    private mutating func begin(at index: Int, _ batches: [BatchOutline], _ pinned: BlockSet, _ server: EdgeServer) {
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
            for block in server.models[batches[start].model].blocks {
                if counts[block] == 0 { bytes &+= server.blocks[block].bytes }
                counts[block] += 1
            }
            if bytes > server.memoryBytes { return removeFirst(batches, server) }
        }
    }

    private mutating func removeFirst(_ batches: [BatchOutline], _ server: EdgeServer) {
        for block in server.models[batches[start].model].blocks {
            counts[block] -= 1
            if counts[block] == 0 { bytes &-= server.blocks[block].bytes }
        }
        start += 1
    }
}
