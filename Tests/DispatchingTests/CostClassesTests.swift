import Testing

@testable import Dispatching

struct CostClassesTests {
    /// Offers of two costs, `cheap` and `dear` of them a second, until they have been remembered for long.
    private func offers(cheap: Double, dear: Double = 0) -> CostClasses {
        var costs = CostClasses()
        for index in 0..<5000 {
            costs.noteOffered(cheap * 0.001, at: Double(index) * 0.001)
            costs.noteOffered(dear * 0.001 * 4, at: Double(index) * 0.001)
        }
        return costs
    }

    @Test func `the cheapest are never outbid, whatever was taken in of them`() {
        var costs = offers(cheap: 6)
        for _ in 0..<100 { costs.noteAdmitted(0.006, at: 5) }
        #expect(!costs.isOutbid(0.006, fairPart: 0))
    }

    @Test func `who costs more is outbid once cheaper ones fill the executor`() {
        #expect(!offers(cheap: 0.9).isOutbid(0.02, fairPart: 0))
        #expect(offers(cheap: 1.5).isOutbid(0.02, fairPart: 0))
    }

    @Test func `what cheaper ones leave is given out once`() {
        var costs = offers(cheap: 0.7)
        #expect(!costs.isOutbid(0.02, fairPart: 0))
        for _ in 0..<20 { costs.noteAdmitted(0.02, at: 5) }
        #expect(costs.isOutbid(0.02, fairPart: 0))
        #expect(!costs.isOutbid(0.0007, fairPart: 0))
    }

    @Test func `a fair part stays, whatever cheaper ones ask for`() {
        var costs = offers(cheap: 20)
        #expect(!costs.isOutbid(0.05, fairPart: 0.1))
        costs.noteAdmitted(0.08, at: 5)
        #expect(costs.isOutbid(0.05, fairPart: 0.1))
    }

    @Test func `costs within a tenth of each other are mostly alike, half as much is not`() {
        var costs = CostClasses()
        for index in 0..<5000 { costs.noteOffered(0.0041, at: Double(index) * 0.001) }
        #expect(!costs.isOutbid(0.0043, fairPart: 0))
        #expect(costs.isOutbid(0.0082, fairPart: 0))
    }

    @Test func `an offer taken back outbids nobody`() {
        var costs = CostClasses()
        costs.noteOffered(1, at: 0)
        #expect(costs.isOutbid(2, fairPart: 0))
        costs.takeBack(1)
        #expect(!costs.isOutbid(2, fairPart: 0))
    }

    @Test(arguments: [0, -1, 1e-12, 1e12, Double.infinity])
    func `any cost has its class`(seconds: Double) {
        var costs = CostClasses()
        costs.noteOffered(1e-3, at: 0)
        costs.noteAdmitted(seconds.isFinite ? seconds : 1, at: 1)
        _ = costs.isOutbid(seconds, fairPart: 0.5)
        #expect(!costs.isOutbid(1e-3, fairPart: 0))
    }
}
