import BandwidthAllocation
import ServingCore
import TestSupport
import Testing

/// Constant shares where some devices cannot use all they could get.
struct LimitedDeviceTests {
    @Test(arguments: UInt64(0)..<50)
    func `limited devices get what they can use, the others share the rest by one factor`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let demands = (0..<10).map { index in
            let bits = Double.random(in: 1e4...1e6, using: &random)
            let least = bits / 1.0
            let isLimited = index.isMultiple(of: 2)
            let limit = isLimited ? least * .random(in: 1...4, using: &random) : .infinity
            return UploadDemand(bits: bits, efficiency: .one, latestStart: 1, maximumShare: Hertz(limit))
        }
        let total = demands.reduce(0) { $0 + $1.bits }
        let capacity = total * 2
        let result = BandwidthAllocator.allocate(BandwidthProblem(capacity: Hertz(capacity), demands: demands))
        #expect(result.isFeasible)
        let sum = result.shares.reduce(0) { $0 + $1.rawValue }
        #expect(abs(sum - capacity) <= 1e-9 * capacity)
        let factors = demands.indices.map { result.shares[$0].rawValue / demands[$0].leastShare.rawValue }
        let largest = factors.max() ?? 0
        for index in demands.indices {
            #expect(result.shares[index] >= Hertz(demands[index].leastShare.rawValue * (1 - 1e-12)))
            let isAtLimit = abs(result.shares[index].rawValue - demands[index].maximumShare.rawValue) < 1e-6 * capacity
            #expect(isAtLimit || abs(factors[index] - largest) < 1e-9 * largest)
        }
    }

    @Test func `where all are limited some capacity is left over`() {
        let demand = UploadDemand(bits: 1e6, efficiency: .one, latestStart: 1, maximumShare: Hertz(2e6))
        let result = BandwidthAllocator.allocate(BandwidthProblem(capacity: Hertz(1e7), demands: [demand, demand]))
        #expect(result.shares == [Hertz(2e6), Hertz(2e6)])
    }
}
