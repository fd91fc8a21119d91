import ServingCore
import TestSupport
import Testing

@testable import Gateway

struct RequestLedgerTests {
    @Test(arguments: 1...20) func `Whatever happens in whatever order, the account adds up`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var ledger = RequestLedger()
        for _ in 0..<500 {
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: ledger.reject(RejectionReason.allCases.randomElement(using: &generator) ?? .invalid)
            case 1: ledger.admit()
            default:
                guard ledger.inFlight > 0 else { continue }
                ledger.settle(InferenceTicket.Outcome.allCases.randomElement(using: &generator) ?? .met)
            }
            #expect(ledger.received == ledger.rejected.values.reduce(0, +) + ledger.admitted)
            #expect(ledger.admitted == ledger.settled.values.reduce(0, +) + ledger.inFlight)
        }
    }

    @Test(arguments: ServingError.Code.allCases)
    func `Every code a refusal can carry is counted under one reason`(code: ServingError.Code) {
        let reason = RejectionReason(code)
        #expect((reason == .deadline) == (code == .deadlineUnreachable || code == .deadlinePassed))
        #expect((reason == .draining) == (code == .draining))
    }
}
