/// The blocks that may be evicted as a binary heap, the first to go on top.
struct VictimHeap: Sendable {
    private struct Victim: Sendable {
        var nextUse: Int
        var retention: Double
        var block: Int

        /// Whether it is to go before `other`.
        func goes(before other: Victim) -> Bool {
            if nextUse != other.nextUse { return nextUse > other.nextUse }
            if retention != other.retention { return retention < other.retention }
            return block < other.block
        }
    }

    private var heap: [Victim] = []

    /// Fills the heap with `candidates`.
    mutating func fill(_ candidates: BlockSet, _ uses: NextUses, _ server: EdgeServer) {
        heap.removeAll(keepingCapacity: true)
        candidates.forEach { block in
            let retention = server.blocks[block].retention
            heap.append(Victim(nextUse: uses.next[block], retention: retention, block: block))
        }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
    }

    /// Takes out the block that is to go first.
    mutating func popFirst() -> Int? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            siftDown(0)
        }
        return first.block
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        while true {
            var first = index
            let left = 2 * index + 1
            if left < heap.count, heap[left].goes(before: heap[first]) { first = left }
            if left + 1 < heap.count, heap[left + 1].goes(before: heap[first]) { first = left + 1 }
            guard first != index else { return }
            heap.swapAt(first, index)
            index = first
        }
    }
}
