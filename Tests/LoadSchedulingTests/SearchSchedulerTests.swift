import LoadScheduling
import ServingCore
import Synchronization
import TestSupport
import Testing

struct SearchSchedulerTests {
    private static func weight(_ schedule: LoadSchedule, _ problem: SchedulingProblem) -> Double {
        schedule.batches.flatMap(\.requests).reduce(0) { $0 + problem.requests[$1].weight }
    }

    private static func shape(seed: UInt64, mode: Int, requests: ClosedRange<Int> = 1...40) -> ProblemMaker.Shape {
        var random = SeededGenerator(seed: seed)
        var shape = ProblemMaker.Shape()
        (shape.reuse, shape.overlap) = ProblemMaker.modes[mode]
        shape.shares = ProblemMaker.shares(seed)
        shape.requests = .random(in: requests, using: &random)
        shape.memoryFactor = .random(in: 1...3, using: &random)
        shape.uplinkFactor = .random(in: 0.1...5, using: &random)
        shape.weights = seed % 2 == 0
        return shape
    }

    @Test(arguments: UInt64(0)..<15, 0..<4)
    func `every schedule it makes is valid and no worse than greedy's, in every mode`(seed: UInt64, mode: Int) {
        let problem = ProblemMaker.problem(Self.shape(seed: seed, mode: mode), seed: seed)
        let result = SearchScheduler(seed: seed).solve(problem, limits: SchedulingLimits(maximumIterations: 60))
        #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [])
        let greedy = GreedyScheduler().solve(problem, limits: .none)
        let weight = Self.weight(result.schedule, problem)
        #expect(weight >= Self.weight(greedy.schedule, problem))
        #expect(weight <= result.upperBound ?? .infinity)
        #expect(result.schedule.servedCount + result.schedule.unserved.count == problem.requests.count)
    }

    @Test(arguments: UInt64(100)..<110, 0..<4)
    func `it finds what trying everything finds on small problems`(seed: UInt64, mode: Int) {
        let problem = ProblemMaker.problem(Self.shape(seed: seed, mode: mode, requests: 4...5), seed: seed)
        let result = SearchScheduler().solve(problem, limits: SchedulingLimits(maximumIterations: 500))
        var everything = EveryPlan(problem)
        #expect(abs(Self.weight(result.schedule, problem) - everything.best()) < 1e-9)
    }

    @Test(arguments: 0..<4)
    func `uploads that nobody paces and a busy server are respected`(mode: Int) {
        for seed in UInt64(0)..<8 {
            var problem = ProblemMaker.problem(Self.shape(seed: seed, mode: mode, requests: 10...20), seed: seed)
            for index in problem.requests.indices where index % 3 == 0 {
                problem.requests[index].bits = 0
                problem.requests[index].uploadEnd = 0.5 + 0.01 * Double(index)
            }
            for index in problem.requests.indices { problem.requests[index].deadline += 0.5 }
            problem.state.now = 0.5
            problem.state.executorFree = 0.52
            problem.state.loaderFree = 0.51
            problem.state.executing = problem.server.models[0].blockSet
            problem.state.resident = problem.server.models[0].blockSet
            let result = SearchScheduler().solve(problem, limits: SchedulingLimits(maximumIterations: 60))
            #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [], "seed \(seed)")
            #expect(result.schedule.servedCount > 0, "seed \(seed)")
        }
    }

    @Test(arguments: 0..<4)
    func `one seed and one number of iterations give one schedule`(mode: Int) {
        let problem = ProblemMaker.problem(Self.shape(seed: 5, mode: mode, requests: 30...30), seed: 5)
        let limits = SchedulingLimits(maximumIterations: 80)
        let first = SearchScheduler(seed: 3).solve(problem, limits: limits)
        #expect(first == SearchScheduler(seed: 3).solve(problem, limits: limits))
        #expect(first.stopReason == .iterationLimit || first.isOptimal)
    }

    @Test func `it improves on its starters`() {
        var better = 0
        for seed in UInt64(0)..<10 {
            let shape = ProblemMaker.Shape(requests: 40, families: 3, variants: 4)
            let problem = ProblemMaker.problem(shape, seed: seed)
            let greedy = GreedyScheduler().solve(problem, limits: .none).schedule.servedCount
            let limits = SchedulingLimits(maximumIterations: 150)
            if SearchScheduler().solve(problem, limits: limits).schedule.servedCount > greedy { better += 1 }
        }
        #expect(better >= 5)
    }

    @Test func `a used up budget still gives a valid schedule`() {
        let problem = ProblemMaker.problem(ProblemMaker.Shape(requests: 200, families: 5, variants: 5), seed: 2)
        let result = SearchScheduler().solve(problem, limits: SchedulingLimits { true })
        #expect(result.stopReason == .budgetUsedUp)
        #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [])
        #expect(result.schedule.servedCount > 0)
    }

    @Test(arguments: 0..<4)
    func `the budget is looked at in every few iterations`(mode: Int) {
        final class Questions: Sendable {
            private let count = Mutex(0)
            func ask() -> Bool {
                count.withLock {
                    $0 += 1
                    return false
                }
            }
            var total: Int { count.withLock { $0 } }
        }
        let problem = ProblemMaker.problem(Self.shape(seed: 5, mode: mode, requests: 60...60), seed: 5)
        let questions = Questions()
        let limits = SchedulingLimits(maximumIterations: 300, isBudgetUsedUp: questions.ask)
        let result = SearchScheduler(starters: []).solve(problem, limits: limits)
        #expect(result.stopReason == .iterationLimit)
        // A look for 1,500 steps of work, of which an iteration does 100 before it begins.
        #expect(questions.total >= 300 / 15)
    }

    @Test func `a bound that is reached ends the search and proves the result`() {
        let problem = ProblemMaker.problem(ProblemMaker.Shape(requests: 40), seed: 4)
        let reachable = SearchScheduler().solve(problem, limits: SchedulingLimits(maximumIterations: 10)).schedule
        let bound = Double(reachable.servedCount) + 0.9
        let result = SearchScheduler(bound: { _, _ in bound }).solve(problem, limits: .none)
        #expect(result.stopReason == .upperBoundReached)
        #expect(result.isOptimal)
        #expect(result.upperBound == bound.rounded(.down))
    }

    @Test func `nothing to do is an empty plan, proved optimal`() {
        let empty = SchedulingProblem(server: EdgeServer(memoryBytes: 0), requests: [])
        let result = SearchScheduler().solve(empty, limits: .none)
        #expect(result.schedule.batches.isEmpty)
        #expect(result.isOptimal)
        #expect(result.stopReason == .upperBoundReached)
    }

    @Test func `it goes on from a schedule given to it`() {
        let problem = ProblemMaker.problem(ProblemMaker.Shape(requests: 40), seed: 8)
        let known = SearchScheduler().solve(problem, limits: SchedulingLimits(maximumIterations: 300)).schedule
        let search = SearchScheduler(starters: [])
        let result = search.solve(problem, limits: SchedulingLimits(maximumIterations: 0), from: [known])
        #expect(result.schedule.servedCount == known.servedCount)
    }

    @Test func `a large problem has a first schedule without greedy`() {
        let shape = ProblemMaker.Shape(requests: 2000, families: 10, variants: 6, uplinkFactor: 0.5)
        let problem = ProblemMaker.problem(shape, seed: 1)
        let result = SearchScheduler(starters: []).solve(problem, limits: SchedulingLimits(maximumIterations: 0))
        #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [])
        #expect(result.schedule.servedCount > 20)
    }
}

/// The most weight any plan serves, by trying every ordered list of batches.
private struct EveryPlan {
    private let problem: SchedulingProblem
    private var most = 0.0

    init(_ problem: SchedulingProblem) { self.problem = problem }

    mutating func best() -> Double {
        extend([], left: Array(problem.requests.indices), weight: 0)
        return most
    }

    private mutating func extend(_ batches: [ScheduleBuilder.Batch], left: [Int], weight: Double) {
        if weight > most, ScheduleBuilder.schedule(batches, of: problem) != nil { most = weight }
        for subset in 1..<max(1 << left.count, 1) {
            let chosen = left.indices.filter { subset & (1 << $0) != 0 }.map { left[$0] }
            let model = problem.requests[chosen[0]].model
            guard chosen.allSatisfy({ problem.requests[$0].model == model }) else { continue }
            let gained = chosen.reduce(0) { $0 + problem.requests[$1].weight }
            extend(
                batches + [ScheduleBuilder.Batch(model: model, requests: chosen)],
                left: left.filter { !chosen.contains($0) },
                weight: weight + gained
            )
        }
    }
}
