import LoadScheduling
import ServingCore
import Synchronization
import TestSupport
import Testing

/// A clock on which every question takes a millisecond.
private final class CountingClock: Sendable {
    private let count = Mutex(0)

    var questions: Int { count.withLock { $0 } }

    func limits(budget: Int, iterations: Int? = nil) -> SchedulingLimits {
        SchedulingLimits(maximumIterations: iterations, budgetSeconds: Double(budget) * 1e-3) {
            self.count.withLock {
                $0 += 1
                return Double(budget - $0) * 1e-3
            }
        }
    }
}

struct BudgetTests {
    private static let solvers: [any LoadScheduler] = [
        SearchScheduler(
            defaultIterations: 200,
            starters: [GreedyScheduler(), FirstArrivalScheduler()],
            bound: { SchedulingBound.upperBound(of: $0, limits: $1) }
        ),
        AutoScheduler(exact: [.init(ExhaustiveScheduler()) { ExhaustiveScheduler.isSmallEnough($0) }]),
        GreedyScheduler(), EarliestDeadlineScheduler(), BackboneDynamicProgramScheduler(),
        UnsharedScheduler(search: SearchScheduler(defaultIterations: 20)),
    ]

    private static func problem(mode: Int, requests: Int, sameDeadline: Bool = false) -> SchedulingProblem {
        var shape = ProblemMaker.Shape()
        (shape.reuse, shape.overlap) = ProblemMaker.modes[mode]
        shape.requests = requests
        shape.uplinkFactor = 0.4
        shape.memoryFactor = 1.5
        var problem = ProblemMaker.problem(shape, seed: UInt64(requests))
        if sameDeadline {
            let latest = problem.requests.map(\.deadline).max() ?? 0
            for index in problem.requests.indices { problem.requests[index].deadline = latest }
        }
        return problem
    }

    @Test(arguments: 0..<4, [10, 60])
    func `wherever the budget runs out, the schedule is valid and no better than its bound`(mode: Int, requests: Int) {
        for sameDeadline in [false, true] {
            let problem = Self.problem(mode: mode, requests: requests, sameDeadline: sameDeadline)
            for solver in Self.solvers {
                for budget in [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144] {
                    let result = solver.solve(problem, limits: CountingClock().limits(budget: budget))
                    let comment: Comment = "\(solver.name), budget \(budget)"
                    #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [], comment)
                    let served = result.schedule.batches.flatMap(\.requests)
                        .reduce(0) { $0 + problem.requests[$1].weight }
                    #expect(served <= result.upperBound ?? .infinity, comment)
                }
            }
        }
    }

    @Test(arguments: 0..<4)
    func `time to build the result is kept of the budget`(mode: Int) {
        let problem = Self.problem(mode: mode, requests: 60)
        for budget in [60, 100, 200] {
            let clock = CountingClock()
            let result = SearchScheduler(defaultIterations: .max, starters: []).solve(
                problem,
                limits: clock.limits(budget: budget)
            )
            #expect(result.stopReason == .budgetUsedUp)
            // One look finds it used up; none of those for the result come after its end.
            #expect(clock.questions <= budget, "budget \(budget)")
        }
    }

    @Test func `a clock changes nothing but when the search ends`() {
        let problem = Self.problem(mode: 3, requests: 40)
        let search = SearchScheduler(starters: [])
        let timed = search.solve(problem, limits: CountingClock().limits(budget: 1_000_000, iterations: 100))
        #expect(timed == search.solve(problem, limits: SchedulingLimits(maximumIterations: 100)))
    }

    @Test func `a part of a budget ends before it, and what is kept is left`() {
        let limits = SchedulingLimits(budgetSeconds: 10) { 4 }
        #expect(limits.part(0.5).secondsLeft() == -1)
        #expect(limits.part(0.5).isBudgetUsedUp())
        #expect(limits.part(0.5).budgetSeconds == 5)
        #expect(limits.keeping(1).secondsLeft() == 3)
        #expect(!limits.part(0.8).isBudgetUsedUp())
        #expect(!SchedulingLimits.none.part(0.1).isBudgetUsedUp())
    }
}
