import ServingCore
import TestSupport
import Testing

@testable import Gateway

struct RequestLedgerTests {
    @Test(arguments: 1...20) func `Whatever happens in whatever order, the account adds up`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var ledger = RequestLedger()
        let accounts = [.unknown, ledger.account(named: "a"), ledger.account(named: "b")]
        var (received, settled) = (UInt64(0), UInt64(0))
        for _ in 0..<500 {
            let account = accounts.randomElement(using: &generator) ?? .unknown
            switch Int.random(in: 0..<3, using: &generator) {
            case 0:
                ledger.reject(RejectionReason.allCases.randomElement(using: &generator) ?? .invalid, in: account)
                received += 1
            case 1:
                ledger.admit(in: account)
                received += 1
            default:
                guard ledger.inFlight > 0 else { continue }
                ledger.settle(InferenceTicket.Outcome.allCases.randomElement(using: &generator) ?? .met, in: account)
                settled += 1
            }
            #expect(ledger.received == received)
            #expect(ledger.received == ledger.rejected + ledger.admitted)
            #expect(ledger.admitted == settled + ledger.inFlight)
        }
    }

    @Test func `A name has one account, and names beyond the limit share one`() {
        var ledger = RequestLedger()
        let first = ledger.account(named: "m0")
        for number in 0..<2000 { _ = ledger.account(named: "m\(number)") }
        #expect(ledger.account(named: "m0") == first)
        #expect(ledger.account(named: "m1998") == ledger.account(named: "m1999"))
        #expect(ledger.accounts.count <= RequestLedger.maximumAccounts + 1)
    }

    @Test(arguments: ServingError.Code.allCases)
    func `Every code a refusal can carry is counted under one reason`(code: ServingError.Code) {
        let reason = RejectionReason(code)
        #expect((reason == .deadline) == (code == .deadlineUnreachable || code == .deadlinePassed))
        #expect((reason == .draining) == (code == .draining))
        #expect((reason == .unauthorized) == (code == .unauthorized))
        #expect((reason == .forbidden) == (code == .forbidden))
        #expect((reason == .unknownModel) == (code == .unknownModel))
        #expect((reason == .tooLarge) == [413, 431].contains(code.httpStatus))
    }

    @Test(arguments: ServingError.Code.allCases)
    func `An admitted request that fails is blamed on the client, the promise or the gateway`(code: ServingError.Code) {
        let outcome = InferenceTicket.Outcome(failing: ServingError(code, ""))
        switch code.httpStatus {
        case 504: #expect(outcome == .missed)
        case 500, 503: #expect(outcome == .error)
        default: #expect(outcome == .invalid)
        }
    }
}
