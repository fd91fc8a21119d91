internal import ServingCore
private import Synchronization

/// Counts the bytes that admitted bodies may hold at once, so that memory is bounded whatever arrives.
final class BodyMemoryBudget: Sendable {
    private let limit: Int
    private let used = Atomic<Int>(0)

    init(limit: ByteCount) {
        self.limit = limit.rawValue
    }

    /// Reserves `bytes`; false where that would pass the limit. Release what was reserved exactly once.
    func reserve(_ bytes: Int) -> Bool {
        let (_, now) = used.add(bytes, ordering: .relaxed)
        guard now > limit else { return true }
        release(bytes)
        return false
    }

    /// Gives back what ``reserve(_:)`` took.
    func release(_ bytes: Int) {
        used.subtract(bytes, ordering: .relaxed)
    }
}
