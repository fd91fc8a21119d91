import BandwidthAllocation
import ServingCore
import TestSupport
import Testing

struct CapacityEstimatorTests {
    /// Lets a shared link of `truth` hertz serve what is granted for `steps` looks.
    private func run(_ estimator: inout CapacityEstimator, truth: Double, steps: Int, _ random: inout SeededGenerator) {
        for _ in 0..<steps {
            let granted = estimator.estimate.rawValue
            let used = min(granted, truth * .random(in: 0.97...1, using: &random))
            let isShort = used < 0.97 * granted
            estimator.observe(
                used: Hertz(used),
                granted: Hertz(granted),
                shortGranted: Hertz(isShort ? granted : 0),
                shortDevices: isShort ? 5 : 0,
                over: .milliseconds(25)
            )
        }
    }

    @Test(arguments: UInt64(0)..<10)
    func `it falls to what all reach together and finds back when there is more`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var estimator = CapacityEstimator(ceiling: Hertz(20e6))
        run(&estimator, truth: 8e6, steps: 200, &random)
        #expect(abs(estimator.estimate.rawValue - 8e6) < 0.8e6)
        run(&estimator, truth: 30e6, steps: 800, &random)
        #expect(estimator.estimate.rawValue == 20e6)
    }

    @Test func `one slow device says nothing of the shared link`() {
        var estimator = CapacityEstimator(ceiling: Hertz(20e6))
        for _ in 0..<100 {
            estimator.observe(
                used: Hertz(5e6),
                granted: Hertz(20e6),
                shortGranted: Hertz(18e6),
                shortDevices: 1,
                over: .milliseconds(25)
            )
        }
        #expect(estimator.estimate.rawValue == 20e6)
    }
}
