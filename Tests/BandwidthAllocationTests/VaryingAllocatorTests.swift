import BandwidthAllocation
import ServingCore
import TestSupport
import Testing

struct VaryingAllocatorTests {
    private func problem(_ count: Int, scarcity: Double, _ random: inout SeededGenerator) -> BandwidthProblem {
        let demands = (0..<count).map { _ in
            UploadDemand(
                bits: .random(in: 1e3...1e6, using: &random),
                efficiency: SpectralEfficiency(rawValue: .random(in: 0.5...6, using: &random)),
                latestStart: .random(in: 0.1...2, using: &random)
            )
        }
        let least = VaryingAllocator.allocate(BandwidthProblem(capacity: Hertz(1), demands: demands)).leastTotal
        return BandwidthProblem(capacity: Hertz(least.rawValue * scarcity), demands: demands)
    }

    /// Serves all uploads by the allocator's shares, solved anew at each end; returns how late the latest is, in seconds.
    private func worstLateness(_ problem: BandwidthProblem) -> Double {
        var demands = problem.demands
        var (now, worst) = (0.0, -Double.infinity)
        while demands.contains(where: { $0.bits > 0 }) {
            let shares = VaryingAllocator.allocate(BandwidthProblem(capacity: problem.capacity, demands: demands))
                .shares
            let rates = demands.indices.map { shares[$0].rawValue * demands[$0].efficiency.rawValue }
            let step =
                demands.indices.filter { demands[$0].bits > 0 && rates[$0] > 0 }
                .map { demands[$0].bits / rates[$0] }.min() ?? .infinity
            guard step.isFinite else { return .infinity }
            now += step
            for index in demands.indices where demands[index].bits > 0 {
                demands[index].bits -= rates[index] * step
                demands[index].latestStart -= step
                guard demands[index].bits <= 1e-6 * problem.demands[index].bits else { continue }
                demands[index].bits = 0
                worst = max(worst, now - problem.demands[index].latestStart)
            }
        }
        return worst
    }

    @Test(arguments: UInt64(0)..<40)
    func `what is called feasible is in time, and a little less capacity makes someone late`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let enough = problem(12, scarcity: 1.001, &random)
        #expect(VaryingAllocator.allocate(enough).isFeasible)
        #expect(worstLateness(enough) <= 1e-9)
        let scarce = BandwidthProblem(capacity: Hertz(enough.capacity.rawValue * 0.99), demands: enough.demands)
        #expect(!VaryingAllocator.allocate(scarce).isFeasible)
        #expect(worstLateness(scarce) > 0)
    }

    @Test(arguments: UInt64(0)..<40)
    func `it needs no more capacity than constant shares, and mostly less`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let problem = problem(12, scarcity: 1, &random)
        let constant = BandwidthAllocator.allocate(problem).leastTotal
        #expect(VaryingAllocator.allocate(problem).leastTotal.rawValue < constant.rawValue)
    }

    @Test func `what the first device cannot use goes to the next`() {
        let efficiency = SpectralEfficiency.one
        let demands = [
            UploadDemand(bits: 1e6, efficiency: efficiency, latestStart: 2),
            UploadDemand(bits: 1e6, efficiency: efficiency, latestStart: 1.5, maximumShare: Hertz(8e5)),
        ]
        let shares = VaryingAllocator.allocate(BandwidthProblem(capacity: Hertz(2e6), demands: demands))
        #expect(shares.shares == [Hertz(1.2e6), Hertz(8e5)])
        #expect(shares.isFeasible)
    }

    @Test func `a device that is too slow alone makes it infeasible`() {
        let demand = UploadDemand(bits: 1e6, efficiency: .one, latestStart: 1, maximumShare: Hertz(9e5))
        #expect(!VaryingAllocator.allocate(BandwidthProblem(capacity: Hertz(1e9), demands: [demand])).isFeasible)
        #expect(!BandwidthAllocator.allocate(BandwidthProblem(capacity: Hertz(1e9), demands: [demand])).isFeasible)
    }
}
