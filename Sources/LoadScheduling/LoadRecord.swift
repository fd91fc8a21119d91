/// What was found about the loads of a list of batches: one step for each and one for the end, with what is resident before it.
///
/// A record made from another shares its rows; what it finds itself goes into rows of its own.
struct LoadRecord: Sendable {
    /// The steps: one more than there are batches, the last for what is resident at the end.
    var steps: [LoadStep] = []
    /// Rows that may be shared, then rows of this record alone; a set of blocks each, ``width`` words.
    private var shared: [UInt64] = []
    private var own: [UInt64] = []
    private var width = 1

    /// Forgets everything; `batches` are to be found.
    mutating func begin(batches: Int, blocks: Int) {
        steps.removeAll(keepingCapacity: true)
        steps.append(contentsOf: repeatElement(LoadStep(), count: batches + 1))
        shared.removeAll(keepingCapacity: true)
        own.removeAll(keepingCapacity: true)
        width = max((blocks + 63) / 64, 1)
    }

    /// Whether every step is known.
    var isComplete: Bool { steps.last?.isKnown ?? false }

    /// Becomes what `other` is.
    /// - Complexity: O(batches) where `other` is settled.
    mutating func assign(_ other: LoadRecord) {
        steps.removeAll(keepingCapacity: true)
        steps.append(contentsOf: other.steps)
        shared = other.shared
        own.removeAll(keepingCapacity: true)
        own.append(contentsOf: other.own)
        width = other.width
    }

    /// Makes place for a batch whose step is to be found. Batches after it that evicted while those before it were still
    /// protected are to be looked at again, as it may be protected as well.
    mutating func insert(at position: Int) {
        for index in position..<steps.count {
            if steps[index].waitsFor >= position { steps[index].waitsFor += 1 }
            guard steps[index].protectedFrom != LoadStep.nobody else { continue }
            steps[index].protectedFrom =
                steps[index].protectedFrom >= position ? steps[index].protectedFrom + 1 : LoadStep.changed
        }
        let next = steps[position]
        steps.insert(LoadStep(row: next.row, residentBytes: next.residentBytes), at: position)
    }

    /// Notes what is resident before batch `index`.
    mutating func store(_ resident: BlockSet, _ bytes: Int, at index: Int) {
        steps[index].residentBytes = bytes
        steps[index].row = (shared.count + own.count) / width
        resident.append(to: &own, width: width)
    }

    /// What is resident before batch `index`.
    func restore(_ index: Int, to resident: inout BlockSet) {
        let row = steps[index].row * width
        if row < shared.count {
            resident.assign(shared[row..<row + width])
        } else {
            resident.assign(own[row - shared.count..<row - shared.count + width])
        }
    }

    /// Whether what is resident before batch `index` is just `resident`.
    func holds(_ resident: BlockSet, _ bytes: Int, at index: Int) -> Bool {
        guard steps[index].isKnown, steps[index].residentBytes == bytes else { return false }
        let row = steps[index].row * width
        return row < shared.count
            ? resident.equals(shared, at: row, width: width)
            : resident.equals(own, at: row - shared.count, width: width)
    }

    /// Whether `block` is resident before batch `index`.
    func contains(_ block: Int, at index: Int) -> Bool {
        let word = steps[index].row * width + block >> 6
        let bits = word < shared.count ? shared[word] : own[word - shared.count]
        return bits & (1 << UInt64(block & 63)) != 0
    }

    /// Makes all rows shareable, and drops those that no step needs where they are many.
    mutating func settle() {
        if shared.isEmpty {
            swap(&shared, &own)
        } else {
            shared.append(contentsOf: own)
        }
        own.removeAll(keepingCapacity: true)
        guard shared.count > (3 * steps.count + 64) * width else { return }
        var kept: [UInt64] = []
        kept.reserveCapacity((4 * steps.count + 64) * width)
        for index in steps.indices where steps[index].row >= 0 {
            let row = steps[index].row * width
            steps[index].row = kept.count / width
            kept.append(contentsOf: shared[row..<row + width])
        }
        shared = kept
    }

    /// Lets go of rows that are shared with another record, which may then add to them without copying.
    mutating func release() {
        steps.removeAll(keepingCapacity: true)
        shared = []
    }
}
