import ServingCore
import Testing

@testable import Gateway

@Suite struct RequestJournalTests {
    private func refusal(_ number: UInt64) -> RequestRecord {
        let error = ServingError(.queueFull, "full", deadline: .milliseconds(5))
        return RequestRecord(
            refused: RequestID(rawValue: number),
            model: nil,
            arrival: .origin,
            error: error,
            at: MonotonicInstant(nanoseconds: 7)
        )
    }

    @Test func `as many as it keeps can be asked for, the oldest goes first`() {
        let journal = RequestJournal(capacity: 3)
        for number in UInt64(1)...5 { journal.end(refusal(number)) }
        for (number, isKept) in [(1, false), (2, false), (3, true), (4, true), (5, true), (6, false)] {
            #expect((journal[RequestID(rawValue: UInt64(number))] != nil) == isKept, "request \(number)")
        }
    }

    @Test func `a refusal is kept with its reason, its error and its deadline`() throws {
        let journal = RequestJournal(capacity: 1)
        journal.end(refusal(9))
        guard case .ended(let record) = journal[RequestID(rawValue: 9)] else {
            Issue.record("request 9 is not there")
            return
        }
        guard case .rejected(.queue) = record.end else {
            Issue.record("\(record.end)")
            return
        }
        #expect(record.error?.code == .queueFull)
        #expect(record.deadline == MonotonicInstant(nanoseconds: 5_000_000))
    }
}
