import ServingCore
import Testing

@testable import Gateway

struct LoadingBesideTests {
    private func at(_ milliseconds: Int) -> MonotonicInstant {
        .origin.advanced(by: .milliseconds(milliseconds))
    }

    @Test func `the loader is woken by a batch, and sleeps after the order during which a batch ended`() {
        let beside = LoadingBeside()
        #expect(beside.batchBegins(at: at(0)).wakes)
        #expect(!beside.batchBegins(at: at(1)).wakes, "it is awake")
        #expect(beside.goesOn(after: 0, at: at(2)), "the batch still runs")
        #expect(beside.batchEnds(at: at(3)) == .milliseconds(3))
        #expect(!beside.goesOn(after: 0, at: at(5)))
        // Asleep from 5 ms to 9.
        let next = beside.batchBegins(at: at(9))
        #expect(next.wakes && next.busy == .milliseconds(5))
        #expect(beside.endedBatches == 1)
        #expect(beside.goesOn(after: 1, at: at(10)))
        #expect(beside.batchEnds(at: at(12)) == .milliseconds(8))
    }

    @Test func `nothing goes on after the last batch`() {
        let beside = LoadingBeside()
        _ = beside.batchBegins(at: at(0))
        beside.end()
        #expect(!beside.goesOn(after: 0, at: at(1)))
    }
}
