import ModelCatalog
import Testing

@testable import Gateway

struct LaneChoiceTests {
    private let measured = Calibration.Lanes(count: 4, slowdown: 0.5, gain: 2.7)

    private func choice(
        _ configured: Int,
        threads: Int,
        processors: Int,
        _ measured: Calibration.Lanes? = nil
    ) -> LaneChoice {
        LaneChoice(configured: configured, threads: threads, processors: processors, measured: measured)
    }

    @Test func `what is configured comes before what was measured, and that before one lane a processor`() {
        #expect(choice(3, threads: 1, processors: 8, measured).count == 3)
        #expect(choice(0, threads: 1, processors: 8, measured).count == 4)
        #expect(choice(0, threads: 1, processors: 2).count == 2)
        #expect(choice(0, threads: 1, processors: 64).count == LaneChoice.mostUnmeasured)
        #expect(choice(0, threads: 1, processors: 0).count == 1)
    }

    @Test(arguments: [(0, 0.5), (-3, 0.5), (5000, 0.5), (4, -1), (4, .nan), (4, .infinity)])
    func `a measurement that cannot be is none`(count: Int, slowdown: Double) {
        let damaged = Calibration.Lanes(count: count, slowdown: slowdown, gain: 1)
        #expect(choice(0, threads: 1, processors: 2, damaged) == choice(0, threads: 1, processors: 2))
    }

    @Test func `what lanes cost each other is as measured, else as if their threads shared the processors`() {
        #expect(choice(4, threads: 1, processors: 8, measured).slowdown == 0.5)
        #expect(choice(2, threads: 1, processors: 8, measured).slowdown == 0)
        #expect(choice(2, threads: 0, processors: 2).slowdown == 1)
        #expect(choice(8, threads: 2, processors: 4).slowdown == 3)
        #expect(choice(1, threads: 8, processors: 4).slowdown == 0)
    }
}
