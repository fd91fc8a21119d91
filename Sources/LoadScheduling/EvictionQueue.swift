/// The parts of which blocks may be evicted, by next use: those never used again, the block with the least
/// ``EdgeServer/Block/retention`` first, then by batch, the furthest first.
struct EvictionQueue: Sendable {
    /// A part never used again, with its block to go first.
    struct Unneeded: Sendable {
        var part: Int
        var member: BlockParts.Member

        /// Whether it is to go before `other`.
        func goes(before other: Unneeded) -> Bool { member.goes(before: other.member) }
    }

    /// Parts never used again, as a binary heap.
    private var heap: [Unneeded] = []
    /// For each batch, one bit: whether a block may be evicted that is next used by it.
    private var words: [UInt64] = []

    mutating func reset(batches: Int) {
        heap.removeAll(keepingCapacity: true)
        words.removeAll(keepingCapacity: true)
        words.append(contentsOf: repeatElement(0, count: batches / 64 + 1))
    }

    /// Notes that blocks may be evicted that are next used by batch `use`.
    mutating func enter(nextUse use: Int) { words[use >> 6] |= 1 << UInt64(use & 63) }

    /// Enters a part that is never used again; after many, ``order()`` is due.
    mutating func append(_ unneeded: Unneeded) { heap.append(unneeded) }

    /// Puts what was appended into order.
    mutating func order() {
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(heap[index], from: index) }
    }

    /// Enters a part that is never used again.
    mutating func enter(_ unneeded: Unneeded) {
        heap.append(unneeded)
        var index = heap.count - 1
        while index > 0, heap[index].goes(before: heap[(index - 1) / 2]) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// The part never used again that has the block to go first.
    var unneeded: Unneeded? { heap.first }

    /// The part that comes next after it.
    var secondUnneeded: Unneeded? {
        guard heap.count > 2 else { return heap.count > 1 ? heap[1] : nil }
        return heap[2].goes(before: heap[1]) ? heap[2] : heap[1]
    }

    /// Puts another block of the same part in the place of ``unneeded``, or takes it out where there is none.
    mutating func replaceUnneeded(with next: Unneeded?) {
        if let next { return siftDown(next, from: 0) }
        guard let last = heap.popLast(), !heap.isEmpty else { return }
        siftDown(last, from: 0)
    }

    /// The last batch after `index` that is the next to use a block which may be evicted.
    func furthestUse(after index: Int) -> Int? {
        for word in words.indices.reversed() where words[word] != 0 {
            let use = word << 6 | (63 - words[word].leadingZeroBitCount)
            return use > index ? use : nil
        }
        return nil
    }

    /// Forgets the blocks next used by batch `use`.
    mutating func clear(_ use: Int) { words[use >> 6] &= ~(1 << UInt64(use & 63)) }

    /// Puts `item` where it belongs at or under the empty place `start`.
    private mutating func siftDown(_ item: Unneeded, from start: Int) {
        heap.withUnsafeMutableBufferPointer { heap in
            var index = start
            while 2 * index + 1 < heap.count {
                var child = 2 * index + 1
                if child + 1 < heap.count, heap[child + 1].goes(before: heap[child]) { child += 1 }
                guard heap[child].goes(before: item) else { break }
                heap[index] = heap[child]
                index = child
            }
            heap[index] = item
        }
    }
}
