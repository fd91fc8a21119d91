import Testing

@testable import Simulation

struct MeanEstimateTests {
    @Test func `mean and interval are those of a hand calculation`() throws {
        // 1...5: mean 3, variance 2.5, t(4) = 2.776: 2.776 * sqrt(2.5 / 5).
        let estimate = try #require(MeanEstimate([1, 2, 3, 4, 5]))
        #expect(estimate.mean == 3)
        #expect(abs(estimate.halfWidth - 1.96293) < 1e-4)
        #expect(estimate.count == 5)
    }

    @Test func `no samples give no estimate, one gives no interval`() throws {
        #expect(MeanEstimate([]) == nil)
        #expect(try #require(MeanEstimate([7])).halfWidth == .infinity)
    }

    @Test(arguments: [(40, 2.021), (60, 2.000), (120, 1.980), (10_000, 1.960)])
    func `quantiles beyond the table are those of larger tables`(freedom: Int, quantile: Double) {
        #expect(abs(StudentT.quantile975(freedom) - quantile) < 6e-4)
    }
}
