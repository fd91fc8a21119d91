import ServingCore
import Testing

@testable import Gateway

/// What is kept of the changes of a share.
struct ShareHistoryTests {
    private func history(_ changes: Int) -> ShareHistory {
        var history = ShareHistory()
        for change in 0..<changes {
            history.add(BitsPerSecond(Double(change)), at: MonotonicInstant(nanoseconds: Int64(change)))
        }
        return history
    }

    @Test(arguments: [0, 1, 15, 16, 17, 31, 32, 40])
    func `The last changes are kept in order, all are counted`(_ changes: Int) {
        let history = history(changes)
        let kept = max(changes - ShareHistory.capacity, 0)..<changes
        #expect(history.count == changes)
        #expect(history.changes.map { Int($0.time.nanoseconds) } == Array(kept))
        #expect(history.changes.map(\.rate) == kept.map { BitsPerSecond(Double($0)) })
    }
}
