import LoadScheduling
import TestSupport
import Testing

struct AutoSchedulerTests {
    /// Returns what it was made with.
    private struct FixedScheduler: LoadScheduler {
        var result: SchedulingResult
        var name: String { "fixed" }

        func solve(_ problem: SchedulingProblem, limits: SchedulingLimits) -> SchedulingResult { result }
    }

    private let problem = ProblemMaker.problem(ProblemMaker.Shape(requests: 30), seed: 6)
    private let limits = SchedulingLimits(maximumIterations: 40)

    private func searched(_ iterations: Int) -> SchedulingResult {
        SearchScheduler().solve(problem, limits: SchedulingLimits(maximumIterations: iterations))
    }

    @Test func `a proved result of an exact solver that applies is the answer`() {
        var proved = GreedyScheduler().solve(problem, limits: .none)
        proved.isOptimal = true
        let auto = AutoScheduler(exact: [.init(FixedScheduler(result: proved)) { _ in true }])
        #expect(auto.solve(problem, limits: limits) == proved)
    }

    @Test func `an exact solver that does not apply is not asked`() {
        var wrong = SchedulingResult(schedule: LoadSchedule(), stopReason: .completed, isOptimal: true, upperBound: 0)
        wrong.isOptimal = true
        let auto = AutoScheduler(exact: [.init(FixedScheduler(result: wrong)) { _ in false }])
        #expect(auto.solve(problem, limits: limits) == SearchScheduler().solve(problem, limits: limits))
    }

    @Test func `what an exact solver found without proof is a start of the search`() {
        let good = searched(400)
        let auto = AutoScheduler(exact: [.init(FixedScheduler(result: good)) { _ in true }], starters: [])
        let none = SchedulingLimits(maximumIterations: 0)
        #expect(auto.solve(problem, limits: none).schedule.servedCount == good.schedule.servedCount)
        let quick = SearchScheduler(starters: []).solve(problem, limits: none)
        #expect(quick.schedule.servedCount < good.schedule.servedCount)
    }

    @Test func `its upper bound is the least of those known`() {
        let reached = Double(searched(40).schedule.servedCount)
        let auto = AutoScheduler(bound: { _, _ in reached })
        let result = auto.solve(problem, limits: limits)
        #expect(result.isOptimal)
        #expect(result.upperBound == reached)
        #expect(result.stopReason == .upperBoundReached)
    }

    @Test(arguments: UInt64(0)..<8, 0..<4)
    func `it is never below a starter`(seed: UInt64, mode: Int) {
        var shape = ProblemMaker.Shape(requests: 20)
        (shape.reuse, shape.overlap) = ProblemMaker.modes[mode]
        shape.shares = ProblemMaker.shares(seed)
        let problem = ProblemMaker.problem(shape, seed: seed)
        let start = SearchScheduler(seed: 77).solve(problem, limits: SchedulingLimits(maximumIterations: 100))
        let auto = AutoScheduler(starters: [GreedyScheduler(), FixedScheduler(result: start)])
        let result = auto.solve(problem, limits: SchedulingLimits(maximumIterations: 5))
        #expect(result.schedule.servedCount >= start.schedule.servedCount)
        #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [])
    }
}
