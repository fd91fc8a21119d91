import NIOCore
import Testing

@testable import TraceReplay

@Suite struct ReplayOutcomeTests {
    @Test(arguments: [
        (504, "deadline_unreachable", ReplayOutcome.rejected(.deadline)), (504, "deadline_passed", .refusedLate),
        (504, "uplink_unavailable", .rejected(.uplink)), (503, "queue_full", .rejected(.queue)),
        (503, "draining", .rejected(.draining)), (429, "quota_exceeded", .rejected(.quota)),
        (404, "unknown_model", .rejected(.invalid)), (500, "engine_failed", .failed), (502, "no such code", .failed),
    ])
    func `an error's code says what became of the request`(status: Int, code: String, expected: ReplayOutcome) {
        let body = ByteBuffer(string: #"{"code":"\#(code)"}"#)
        #expect(ReplayOutcome(status: status, body: body, isInTime: true) == expected)
    }

    @Test func `an answer is in time or late, and one that is no JSON has failed`() {
        #expect(ReplayOutcome(status: 200, body: ByteBuffer(), isInTime: true) == .inTime)
        #expect(ReplayOutcome(status: 200, body: ByteBuffer(), isInTime: false) == .late)
        #expect(ReplayOutcome(status: 502, body: ByteBuffer(string: "<html>"), isInTime: true) == .failed)
    }
}
