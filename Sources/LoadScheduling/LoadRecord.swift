/// What was found about the loads of a list of batches: one step for each and one for the end, with which blocks each load
/// brings in and which are evicted for it.
struct LoadRecord: Sendable {
    /// The steps: one more than there are batches, the last for what is resident at the end.
    var steps: [LoadStep] = []
    /// The blocks that come and go; steps say where theirs are.
    private var changes: [Int] = []

    /// Forgets everything; `batches` are to be found.
    mutating func begin(batches: Int) {
        steps.removeAll(keepingCapacity: true)
        steps.append(contentsOf: repeatElement(LoadStep(), count: batches + 1))
        changes.removeAll(keepingCapacity: true)
    }

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
    mutating func note(loaded: [Int], evicted: [Int], at index: Int) {
        let start = changes.count
        changes.append(contentsOf: loaded)
        steps[index].evictions = changes.count
        changes.append(contentsOf: evicted)
        steps[index].changes = start..<changes.count
    }

    /// Makes what is resident before batch `index` what it is after it.
    func apply(_ index: Int, to resident: inout BlockSet) { resident.toggle(changes, in: steps[index].changes) }

    /// Makes what is resident before the first batch what it is before batch `index`.
    func apply(upTo index: Int, to resident: inout BlockSet) {
        for earlier in 0..<index { apply(earlier, to: &resident) }
    }

    /// The first batch, of those before `position`, for which one of `blocks` was evicted that did not come back before `position`.
    func firstEviction(of blocks: BlockSet, before position: Int) -> Int? {
        var first: Int?
        var decided = BlockSet()
        var left = blocks.count
        for index in stride(from: position - 1, through: 0, by: -1) {
            for place in steps[index].changes.reversed() {
                guard blocks.contains(changes[place]), decided.insert(changes[place]) else { continue }
                if place >= steps[index].evictions { first = index }
                left -= 1
            }
            if left == 0 { break }
        }
        return first
    }

    /// Drops changes that no step needs, where they are many.
    /// - Complexity: O(batches and changes).
    mutating func settle() {
        let needed = steps.reduce(0) { $0 + $1.changes.count }
        guard changes.count > 2 * needed + 256 else { return }
        var kept: [Int] = []
        kept.reserveCapacity(2 * needed + 256)
        for index in steps.indices {
            let start = kept.count
            kept.append(contentsOf: changes[steps[index].changes])
            steps[index].evictions += start - steps[index].changes.lowerBound
            steps[index].changes = start..<kept.count
        }
        changes = kept
    }
}
