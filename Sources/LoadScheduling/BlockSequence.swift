/// The blocks of a list of batches one after the other in one row, with the next use of each: what passes walk again and again.
///
/// Made when it is first asked for, and kept as long as the list's models stay the same.
struct BlockSequence: Sendable {
    /// For each batch, where its blocks begin in ``blocks``; one more for the end.
    private(set) var offsets: [Int] = []
    /// The blocks of all batches.
    private(set) var blocks: [Int] = []
    /// For each of ``blocks`` of the batches from ``base`` on, the next batch that uses it.
    private(set) var furtherUses: [Int] = []
    /// The first batch whose further uses are known.
    private(set) var base = Int.max
    /// For each block, the first batch after ``base`` that uses it.
    private(set) var usesAfterBase: [Int] = []

    /// No further use.
    static let never = Int.max

    /// Forgets the list: another one is to come.
    mutating func reset() {
        offsets.removeAll(keepingCapacity: true)
        base = .max
    }

    /// Where the blocks of batch `index` are.
    func range(_ index: Int) -> Range<Int> { offsets[index]..<offsets[index + 1] }

    /// Makes the row, where that has not been done.
    /// - Complexity: O(blocks of all batches) the first time.
    mutating func make(_ batches: [BatchOutline], on server: EdgeServer) {
        guard offsets.isEmpty else { return }
        blocks.removeAll(keepingCapacity: true)
        for batch in batches {
            offsets.append(blocks.count)
            blocks.append(contentsOf: server.models[batch.model].blocks)
        }
        offsets.append(blocks.count)
    }

    /// Finds the next uses after batch `index` and of all blocks of it and later ones, where that has not been done.
    /// - Complexity: O(blocks of the batches from `index` on) the first time.
    mutating func findUses(from index: Int, blockCount: Int) {
        guard index < base else { return }
        base = index
        if furtherUses.count < blocks.count {
            furtherUses.append(contentsOf: repeatElement(Self.never, count: blocks.count - furtherUses.count))
        }
        usesAfterBase.removeAll(keepingCapacity: true)
        usesAfterBase.append(contentsOf: repeatElement(Self.never, count: blockCount))
        for batch in stride(from: offsets.count - 2, to: index, by: -1) {
            for position in offsets[batch]..<offsets[batch + 1] {
                let block = blocks[position]
                furtherUses[position] = usesAfterBase[block]
                usesAfterBase[block] = batch
            }
        }
        for position in range(index) { furtherUses[position] = usesAfterBase[blocks[position]] }
    }
}
