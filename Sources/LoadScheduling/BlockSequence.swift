/// The parts of a list of batches one after the other in one row, with the next use of each: what passes walk again and again.
///
/// Made when it is first asked for, and kept as long as the list's models stay the same.
struct BlockSequence: Sendable {
    /// For each batch, where its parts begin in ``parts``; one more for the end.
    private(set) var offsets: [Int] = []
    /// The parts of all batches, as in ``BlockParts``.
    private(set) var parts: [Int] = []
    /// For each of ``parts`` of the batches from ``base`` on, the next batch that uses it.
    private(set) var furtherUses: [Int] = []
    /// The first batch whose further uses are known.
    private(set) var base = Int.max
    /// For each part, the first batch after ``base`` that uses it.
    private(set) var usesAfterBase: [Int] = []

    /// No further use.
    static let never = Int.max

    /// Forgets the list: another one is to come.
    mutating func reset() {
        offsets.removeAll(keepingCapacity: true)
        base = .max
    }

    /// Where the parts of batch `index` are.
    func range(_ index: Int) -> Range<Int> { offsets[index]..<offsets[index + 1] }

    /// Makes the row, where that has not been done.
    /// - Complexity: O(parts of all batches) the first time.
    mutating func make(_ batches: [BatchOutline], _ table: inout BlockParts) {
        guard offsets.isEmpty else { return }
        parts.removeAll(keepingCapacity: true)
        for batch in batches {
            offsets.append(parts.count)
            table.list(batch.model, into: &parts)
        }
        offsets.append(parts.count)
    }

    /// Becomes the row of `other`, where that was made, with a batch of `model` put in at `position`; else one that is to be made.
    /// - Complexity: O(parts of all batches), moved as they are.
    mutating func assign(_ other: BlockSequence, inserting model: Int?, at position: Int, _ table: inout BlockParts) {
        reset()
        guard !other.offsets.isEmpty, position < other.offsets.count else { return }
        parts.removeAll(keepingCapacity: true)
        guard let model else {
            parts.append(contentsOf: other.parts)
            offsets.append(contentsOf: other.offsets)
            return
        }
        let place = other.offsets[position]
        parts.append(contentsOf: other.parts[..<place])
        table.list(model, into: &parts)
        let added = parts.count - place
        parts.append(contentsOf: other.parts[place...])
        offsets.append(contentsOf: other.offsets[...position])
        for offset in other.offsets[position...] { offsets.append(offset + added) }
    }

    /// Finds the next uses after batch `index` and of all parts of it and later ones, where that has not been done.
    /// - Complexity: O(parts of the batches from `index` on) the first time.
    mutating func findUses(from index: Int, partCount: Int) {
        guard index < base else { return }
        base = index
        if furtherUses.count < parts.count {
            furtherUses.append(contentsOf: repeatElement(Self.never, count: parts.count - furtherUses.count))
        }
        usesAfterBase.removeAll(keepingCapacity: true)
        usesAfterBase.append(contentsOf: repeatElement(Self.never, count: partCount))
        for batch in stride(from: offsets.count - 2, to: index, by: -1) {
            for position in offsets[batch]..<offsets[batch + 1] {
                let part = parts[position]
                furtherUses[position] = usesAfterBase[part]
                usesAfterBase[part] = batch
            }
        }
        for position in range(index) { furtherUses[position] = usesAfterBase[parts[position]] }
    }
}
