/// What was found about the loads of a list of batches: one step for each and one for the end, with what each load brings in and
/// what is evicted for it.
struct LoadRecord: Sendable {
    /// The steps: one more than there are batches, the last for what is resident at the end.
    var steps: [LoadStep] = []
    /// What comes and goes; steps say where theirs is.
    private(set) var changes: [PartChange] = []

    /// Forgets everything; `batches` are to be found.
    mutating func begin(batches: Int) {
        steps.removeAll(keepingCapacity: true)
        steps.append(contentsOf: repeatElement(LoadStep(), count: batches + 1))
        changes.removeAll(keepingCapacity: true)
    }

    /// Steps and changes held.
    var count: Int { steps.count + changes.count }

    /// Whether every step is known.
    var isComplete: Bool { steps.last?.isKnown ?? false }

    /// Becomes what `other` is.
    /// - Complexity: O(batches and changes).
    mutating func assign(_ other: LoadRecord) {
        steps.removeAll(keepingCapacity: true)
        steps.append(contentsOf: other.steps)
        changes.removeAll(keepingCapacity: true)
        changes.append(contentsOf: other.changes)
    }

    /// Makes place for a batch whose step is to be found.
    mutating func insert(at position: Int) {
        for index in position..<steps.count { steps[index].makeRoom(forBatchAt: position) }
        steps.insert(LoadStep(), at: position)
    }

    /// Notes what comes and goes with batch `index`.
    mutating func note(loaded: [PartChange], evicted: [PartChange], at index: Int) {
        let start = changes.count
        // Few at a time: one by one is quicker than in one go.
        for change in loaded { changes.append(change) }
        for change in evicted { changes.append(change) }
        steps[index].changes = start..<changes.count
    }

    /// Makes what is away before the first batch what it is before batch `index`.
    func apply(upTo index: Int, to away: inout [Int]) {
        for earlier in 0..<index {
            for place in steps[earlier].changes { away[changes[place].part] &+= changes[place].blocks }
        }
    }

    /// The first batch, of those before `position`, for which a block of one of `parts` was evicted that did not come back
    /// before `position`.
    func firstEviction(of parts: BlockSet, before position: Int) -> Int? {
        var first: Int?
        var open = parts
        for index in stride(from: position - 1, through: 0, by: -1) {
            for place in steps[index].changes.reversed() where open.contains(changes[place].part) {
                if changes[place].blocks > 0 { first = index } else { open.remove(changes[place].part) }
            }
        }
        return first
    }

    /// Drops changes that no step needs, where they are many.
    /// - Complexity: O(batches and changes).
    mutating func settle() {
        let needed = steps.reduce(0) { $0 + $1.changes.count }
        guard changes.count > 2 * needed + 256 else { return }
        var kept: [PartChange] = []
        kept.reserveCapacity(2 * needed + 256)
        for index in steps.indices {
            let start = kept.count
            kept.append(contentsOf: changes[steps[index].changes])
            steps[index].changes = start..<kept.count
        }
        changes = kept
    }
}
