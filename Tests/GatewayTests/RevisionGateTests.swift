import Testing

@testable import Gateway

struct RevisionGateTests {
    @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
    func `whatever the order of the calls, the last setting decided is the one that stays`(order: [Int]) {
        let gate = RevisionGate()
        var rate = -1
        for revision in order { gate.pass(revision) { rate = revision } }
        #expect(rate == 2)
    }

    @Test func `a setting is not repeated`() {
        let gate = RevisionGate()
        var count = 0
        for _ in 0..<3 { gate.pass(0) { count += 1 } }
        #expect(count == 1)
    }
}
