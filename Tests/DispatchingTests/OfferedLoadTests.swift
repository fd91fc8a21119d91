import Testing

@testable import Dispatching

struct OfferedLoadTests {
    /// What is told after `seconds` of arrivals at a rate that add `item` seconds each.
    private func share(rate: Double, item: Double, seconds: Double) -> Double {
        var load = OfferedLoad()
        let count = Int(rate * seconds)
        for index in 0..<count { load.note(item, at: Double(index) / rate) }
        return load.share(at: Double(count) / rate)
    }

    @Test(arguments: [0.2, 0.9, 1.5, 6])
    func `after a while it is what all arrivals add, by the second`(load: Double) {
        #expect(abs(share(rate: 1000, item: load / 1000, seconds: 5) / load - 1) < 0.05)
    }

    @Test func `a burst at half the load for a tenth of a second is no overload`() {
        #expect(share(rate: 3000, item: 0.001, seconds: 0.1) < 1)
        #expect(share(rate: 3000, item: 0.001, seconds: 1) > 1)
    }

    @Test func `it fades when nobody comes, and starts at nothing`() {
        var load = OfferedLoad()
        #expect(load.share(at: 7) == 0)
        load.note(1, at: 10)
        let before = load.share(at: 10)
        #expect(abs(load.share(at: 10 + OfferedLoad.memory) / before - 0.5) < 1e-6)
        #expect(load.share(at: 1000) < 1e-2)
    }
}
