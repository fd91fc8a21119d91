import Testing

@testable import Gateway

@Suite struct OutcomeHistoryTests {
    @Test func `a second counts when it is over, and is forgotten after the last that is kept`() {
        var history = OutcomeHistory()
        history.count(.inTime, at: 100)
        history.count(.inTime, at: 100)
        #expect(history.recent(at: 100).allSatisfy { $0[.inTime] == 0 })
        history.count(.late, at: 101)
        #expect(history.recent(at: 101).last?[.inTime] == 2)
        #expect(history.recent(at: 102).map { $0[.late] }.last == 1)
        let oldest = history.recent(at: 100 + Int64(OutcomeHistory.length))
        #expect(oldest.first?[.inTime] == 2)
        #expect(oldest.count == OutcomeHistory.length)
        #expect(history.recent(at: 101 + Int64(OutcomeHistory.length)).first?[.inTime] == 0)
        #expect(history.recent(at: 5000).allSatisfy { $0 == OutcomeHistory.Step() })
    }

    @Test func `a place of the ring is emptied before it is used again`() {
        var history = OutcomeHistory()
        for second in Int64(0)..<500 { history.count(.rejected, at: second) }
        #expect(history.recent(at: 500).allSatisfy { $0[.rejected] == 1 })
    }
}
