/// For each block, the next batch that uses it after the one at hand; moves forwards only.
struct NextUses: Sendable {
    /// For each block, the index of its next use; ``never`` for none.
    private(set) var next: [Int] = []
    /// For each batch from ``base`` on, where its blocks' further uses begin in ``further``.
    private var offsets: [Int] = []
    private var further: [Int] = []
    private var base = -1
    private var position = -1

    static let never = Int.max

    mutating func reset() { base = -1 }

    /// Moves on to batch `index`, to which the next uses are to be after.
    /// - Complexity: O(blocks of all batches) the first time, then O(blocks of the batches passed).
    mutating func advance(to index: Int, of batches: [BatchOutline], on server: EdgeServer) {
        if base < 0 { prepare(at: index, batches, server) }
        while position < index {
            position += 1
            let blocks = server.models[batches[position].model].blocks
            let offset = offsets[position - base]
            for (number, block) in blocks.enumerated() { next[block] = further[offset + number] }
        }
    }

    private mutating func prepare(at index: Int, _ batches: [BatchOutline], _ server: EdgeServer) {
        base = index
        position = index
        offsets.removeAll(keepingCapacity: true)
        var total = 0
        for batch in batches[index...] {
            offsets.append(total)
            total += server.models[batch.model].blocks.count
        }
        further.removeAll(keepingCapacity: true)
        further.append(contentsOf: repeatElement(Self.never, count: total))
        next.removeAll(keepingCapacity: true)
        next.append(contentsOf: repeatElement(Self.never, count: server.blocks.count))
        for later in batches.indices[(index + 1)...].reversed() {
            let offset = offsets[later - index]
            for (number, block) in server.models[batches[later].model].blocks.enumerated() {
                further[offset + number] = next[block]
                next[block] = later
            }
        }
    }
}
