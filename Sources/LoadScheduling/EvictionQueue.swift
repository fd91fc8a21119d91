/// The blocks that may be evicted, by next use: those never used again least ``EdgeServer/Block/retention`` first, then by
/// batch, the furthest first.
struct EvictionQueue: Sendable {
    private struct Unneeded: Sendable {
        var retention: Double
        var block: Int

        /// Whether it is to go before `other`.
        func goes(before other: Unneeded) -> Bool {
            retention != other.retention ? retention < other.retention : block < other.block
        }
    }

    /// Blocks never used again, as a binary heap.
    private var heap: [Unneeded] = []
    /// For each batch, one bit: whether a block may be evicted that is next used by it.
    private var words: [UInt64] = []

    mutating func reset(batches: Int) {
        heap.removeAll(keepingCapacity: true)
        words.removeAll(keepingCapacity: true)
        words.append(contentsOf: repeatElement(0, count: batches / 64 + 1))
    }

    /// Enters a block that is next used by batch `nextUse`, or never; after many, ``order()`` is due.
    mutating func append(_ block: Int, nextUse: Int, retention: Double) {
        if nextUse == BlockSequence.never {
            heap.append(Unneeded(retention: retention, block: block))
        } else {
            words[nextUse >> 6] |= 1 << UInt64(nextUse & 63)
        }
    }

    /// Puts what was appended into order.
    mutating func order() {
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(heap[index], from: index) }
    }

    /// Enters a block that is next used by batch `nextUse`, or never.
    mutating func enter(_ block: Int, nextUse: Int, retention: Double) {
        append(block, nextUse: nextUse, retention: retention)
        if nextUse == BlockSequence.never { siftUp(heap.count - 1) }
    }

    /// Takes out the block to go first among those never used again.
    mutating func popUnneeded() -> Int? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty { siftDown(last, from: 0) }
        return first.block
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

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0, heap[index].goes(before: heap[(index - 1) / 2]) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

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
