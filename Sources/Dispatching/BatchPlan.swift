import LoadScheduling

/// The ordered batches that hold every admitted request that does not run yet.
struct BatchPlan: Sendable {
    struct Batch: Sendable {
        /// The batch's own number: it stays when the order changes.
        var number: Int
        /// The slots of its requests.
        var members: [Int]
        /// How many of them have their body here.
        var readyCount: Int
    }

    /// What the timeline sees of each batch, in order.
    var outlines: [BatchOutline] = []
    /// The batches themselves, in the same order.
    var batches: [Batch] = []
    private var nextNumber = 0

    var isEmpty: Bool { batches.isEmpty }
    var indices: Range<Int> { batches.indices }

    func index(ofBatch number: Int) -> Int? { batches.firstIndex { $0.number == number } }

    /// A number no batch of this plan has had.
    mutating func makeNumber() -> Int {
        nextNumber += 1
        return nextNumber
    }

    mutating func removeBatch(at index: Int) {
        batches.remove(at: index)
        outlines.remove(at: index)
    }

    /// Moves the batch at `index` so that it is at `target` then.
    mutating func move(_ index: Int, to target: Int) {
        guard index != target else { return }
        batches.insert(batches.remove(at: index), at: target)
        outlines.insert(outlines.remove(at: index), at: target)
    }
}
