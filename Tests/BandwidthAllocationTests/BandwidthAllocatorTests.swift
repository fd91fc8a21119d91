import BandwidthAllocation
import ServingCore
import TestSupport
import Testing

struct BandwidthAllocatorTests {
    private func randomDemands(_ count: Int, _ random: inout SeededGenerator) -> [UploadDemand] {
        (0..<count).map { _ in
            UploadDemand(
                bits: .random(in: 1e3...1e7, using: &random),
                efficiency: SpectralEfficiency(rawValue: .random(in: 0.5...6, using: &random)),
                latestStart: .random(in: 0.01...2, using: &random)
            )
        }
    }

    private func isInTime(_ demand: UploadDemand, _ share: Double) -> Bool {
        demand.bits / (demand.efficiency.rawValue * share) <= demand.latestStart
    }

    /// The least share by bisection on the upload's own condition, without the closed form.
    private func bisectedShare(_ demand: UploadDemand) -> Double {
        var low = 0.0
        var high = 1e12
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if isInTime(demand, middle) { high = middle } else { low = middle }
        }
        return high
    }

    @Test(arguments: UInt64(0)..<20)
    func `the closed form is what bisection finds, and no share can be lowered`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for demand in randomDemands(30, &random) {
            let least = demand.leastShare.rawValue
            #expect(abs(least - bisectedShare(demand)) <= 1e-9 * least)
            #expect(isInTime(demand, least * (1 + 1e-12)))
            #expect(!isInTime(demand, least * (1 - 1e-9)))
        }
    }

    @Test(arguments: UInt64(0)..<20)
    func `an instance is feasible exactly when the least shares fit`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let demands = randomDemands(12, &random)
        let needed = demands.reduce(0) { $0 + bisectedShare($1) }
        let enough = BandwidthProblem(capacity: Hertz(needed * 1.000_001), demands: demands)
        let tooLittle = BandwidthProblem(capacity: Hertz(needed * 0.999_999), demands: demands)
        #expect(BandwidthAllocator.allocate(enough).isFeasible)
        #expect(!BandwidthAllocator.allocate(tooLittle).isFeasible)
    }

    @Test(arguments: UInt64(0)..<20)
    func `what is left is shared out in proportion and nothing is over the capacity`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let demands = randomDemands(8, &random)
        let capacity = Hertz(demands.reduce(0) { $0 + $1.leastShare.rawValue } * 1.7)
        let result = BandwidthAllocator.allocate(BandwidthProblem(capacity: capacity, demands: demands))
        let total = result.shares.reduce(0) { $0 + $1.rawValue }
        #expect(abs(total - capacity.rawValue) <= 1e-9 * capacity.rawValue)
        for (demand, share) in zip(demands, result.shares) {
            #expect(abs(share.rawValue / demand.leastShare.rawValue - 1.7) < 1e-9)
        }
    }

    @Test func `an endless uplink grants the least shares`() {
        let demand = UploadDemand(bits: 100, efficiency: .one, latestStart: 2)
        let result = BandwidthAllocator.allocate(BandwidthProblem(capacity: Hertz(.infinity), demands: [demand]))
        #expect(result.shares == [Hertz(50)])
        #expect(result.isFeasible)
    }

    @Test func `nothing to send needs nothing`() {
        let demand = UploadDemand(bits: 0, efficiency: .one, latestStart: 0)
        let result = BandwidthAllocator.allocate(BandwidthProblem(capacity: Hertz(10), demands: [demand]))
        #expect(result.shares == [Hertz(0)])
        #expect(result.isFeasible)
        #expect(BandwidthAllocator.allocate(BandwidthProblem(capacity: Hertz(0), demands: [])).isFeasible)
    }

    @Test func `an upload with no time left makes the split infeasible but starves nobody`() {
        let late = UploadDemand(bits: 1000, efficiency: .one, latestStart: -1)
        let fine = UploadDemand(bits: 1000, efficiency: .one, latestStart: 1)
        let result = BandwidthAllocator.allocate(BandwidthProblem(capacity: Hertz(1000), demands: [late, fine]))
        #expect(!result.isFeasible)
        #expect(result.shares.allSatisfy { $0.rawValue > 0 && $0.rawValue.isFinite })
    }
}
