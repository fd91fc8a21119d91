/// For each part, the next batch that uses it after the one at hand; moves forwards only.
struct NextUses: Sendable {
    /// For each part, the index of its next use; ``BlockSequence/never`` for none.
    private(set) var next: [Int] = []
    private var position = -1
    private var hasBegun = false

    /// Starts a pass over a list of batches.
    mutating func reset() { hasBegun = false }

    /// Moves on to batch `index`, to which the next uses are to be after.
    /// - Complexity: O(parts of all batches) the first time for a list, then O(parts of the batches passed).
    mutating func advance(to index: Int, of sequence: inout BlockSequence, partCount: Int) {
        if !hasBegun {
            hasBegun = true
            sequence.findUses(from: index, partCount: partCount)
            next.removeAll(keepingCapacity: true)
            next.append(contentsOf: sequence.usesAfterBase)
            position = sequence.base
        }
        guard position < index else { return }
        pass(sequence.offsets[position + 1]..<sequence.offsets[index + 1], sequence.parts, sequence.furtherUses)
        position = index
    }

    private mutating func pass(_ range: Range<Int>, _ parts: [Int], _ furtherUses: [Int]) {
        for place in range { next[parts[place]] = furtherUses[place] }
    }
}
