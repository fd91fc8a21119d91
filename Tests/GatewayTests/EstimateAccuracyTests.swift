import Dispatching
import ServingCore
import Testing

@testable import Gateway

@Suite struct EstimateAccuracyTests {
    private func check(_ estimated: Int, _ actual: Int) -> EstimateCheck {
        EstimateCheck(
            stage: .load,
            model: ModelID(name: "m", version: 1),
            estimated: .milliseconds(estimated),
            actual: .milliseconds(actual)
        )
    }

    @Test func `errors are relative to what was measured, and only the last are kept`() {
        let accuracy = EstimateAccuracy()
        #expect(accuracy.summary(of: .load) == nil)
        for percent in 1...10 { accuracy.observe(check(100 + percent, 100)) }
        let some = accuracy.summary(of: .load)
        #expect(some?.count == 10)
        #expect(abs((some?.median ?? 0) - 0.05) < 1e-9)
        #expect(abs((some?.p90 ?? 0) - 0.09) < 1e-9)
        #expect(accuracy.summary(of: .compute) == nil)
        for _ in 0..<EstimateAccuracy.window { accuracy.observe(check(50, 100)) }
        let all = accuracy.summary(of: .load)
        #expect(all?.count == EstimateAccuracy.window)
        #expect(all?.median == 0.5)
    }
}
