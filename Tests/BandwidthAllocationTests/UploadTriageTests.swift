import BandwidthAllocation
import ServingCore
import TestSupport
import Testing

/// Who goes on where the uplink does not do for all.
struct UploadTriageTests {
    private func problem(_ capacity: Double, _ least: [Double]) -> BandwidthProblem {
        let efficiency = SpectralEfficiency(rawValue: 1)
        let demands = least.map { UploadDemand(bits: $0, efficiency: efficiency, latestStart: 1) }
        return BandwidthProblem(capacity: Hertz(capacity), demands: demands)
    }

    @Test func `All go on where they fit`() {
        #expect(UploadTriage.goesOn(problem(10, [5, 5]), sent: [0, 0]) == [true, true])
    }

    @Test func `Who has sent the least for what it needs waits`() {
        #expect(UploadTriage.goesOn(problem(10, [5, 5, 5]), sent: [9, 1, 5]) == [true, false, true])
        #expect(UploadTriage.goesOn(problem(10, [8, 2, 2]), sent: [4, 2, 2]) == [false, true, true])
    }

    @Test func `What fits beside the others does not wait`() {
        // The first two wait to make room for the third; then the first fits again.
        #expect(UploadTriage.goesOn(problem(10, [1, 8, 8]), sent: [0, 4, 8]) == [true, false, true])
    }

    @Test func `Without time left an upload waits, an ended one does not`() {
        var late = problem(10, [5, 5])
        late.demands[0].latestStart = 0
        #expect(UploadTriage.goesOn(late, sent: [100, 0]) == [false, true])
        late.demands[0].bits = 0
        #expect(UploadTriage.goesOn(late, sent: [100, 0]) == [true, true])
    }

    @Test(arguments: 0..<20)
    func `What goes on fits, and nobody else would beside it`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let least = (0..<20).map { _ in Double.random(in: 0.1...3, using: &random) }
        let sent = least.map { _ in Double.random(in: 0...10, using: &random) }
        let problem = problem(12, least)
        let goesOn = UploadTriage.goesOn(problem, sent: sent)
        let total = zip(least, goesOn).reduce(0) { $1.1 ? $0 + $1.0 : $0 }
        #expect(total <= 12 * (1 + 1e-9))
        for index in least.indices where !goesOn[index] { #expect(total + least[index] > 12 * (1 - 1e-9)) }
    }

    @Test func `What is left goes to who has sent most, all it needs or nothing`() {
        #expect(UploadTriage.leftovers(of: 10, needs: [4, 8, 5, 0], sent: [1, 2, 3, 9]) == [4, 0, 5, 0])
        #expect(UploadTriage.leftovers(of: 10, needs: [.infinity, 10], sent: [9, 1]) == [0, 10])
        #expect(UploadTriage.leftovers(of: -1, needs: [1], sent: [1]) == [0])
        #expect(UploadTriage.leftovers(of: 1, needs: [], sent: []).isEmpty)
    }
}
