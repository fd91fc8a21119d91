import LoadScheduling
import ServingCore
import TestSupport
import Testing

struct GreedySchedulerTests {
    private let greedy = GreedyScheduler()

    @Test(arguments: UInt64(0)..<40, 0..<4)
    func `every schedule it makes is valid, in every mode`(seed: UInt64, mode: Int) {
        var random = SeededGenerator(seed: seed)
        var shape = ProblemMaker.Shape()
        (shape.reuse, shape.overlap) = ProblemMaker.modes[mode]
        shape.shares = ProblemMaker.shares(seed)
        shape.requests = .random(in: 1...40, using: &random)
        shape.memoryFactor = .random(in: 1...3, using: &random)
        shape.uplinkFactor = .random(in: 0.1...5, using: &random)
        shape.weights = seed % 2 == 0
        let problem = ProblemMaker.problem(shape, seed: seed)
        let result = greedy.solve(problem, limits: .none)
        #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [])
        let served = result.schedule.batches.flatMap(\.requests).reduce(0) { $0 + problem.requests[$1].weight }
        #expect(served <= result.upperBound ?? .infinity)
        #expect(result.schedule.servedCount + result.schedule.unserved.count == problem.requests.count)
    }

    @Test func `it serves somebody wherever somebody can be served alone`() {
        for seed in UInt64(0)..<40 {
            let problem = ProblemMaker.problem(ProblemMaker.Shape(requests: 3), seed: seed)
            let isServable = problem.requests.indices.contains { problem.obstacleAlone($0) == nil }
            let result = greedy.solve(problem, limits: .none)
            #expect((result.schedule.servedCount > 0) == isServable, "seed \(seed)")
        }
    }

    @Test func `equal problems give equal schedules`() {
        let problem = ProblemMaker.problem(ProblemMaker.Shape(requests: 30), seed: 7)
        #expect(greedy.solve(problem, limits: .none) == greedy.solve(problem, limits: .none))
    }

    @Test func `nothing to do is an empty plan, proved optimal`() {
        let result = greedy.solve(SchedulingProblem(server: EdgeServer(memoryBytes: 0), requests: []), limits: .none)
        #expect(result.schedule.batches.isEmpty)
        #expect(result.isOptimal)
        #expect(result.stopReason == .upperBoundReached)
    }

    @Test func `models that share blocks are run one after the other`() {
        let blocks = [0.05, 0.001, 0.001, 0.052].map { EdgeServer.Block(bytes: 1, loadSeconds: $0) }
        let models = [[0, 1], [3], [0, 2]].map { EdgeServer.Model(blocks: $0, baseSeconds: 0.001, itemSeconds: 0.001) }
        let server = EdgeServer(blocks: blocks, models: models, memoryBytes: 4, reuse: .consecutive, overlap: false)
        let requests = [0, 1, 2].map { SchedulingProblem.Request(model: $0, deadline: 0.06) }
        let result = greedy.solve(SchedulingProblem(server: server, requests: requests), limits: .none)
        #expect(Set(result.schedule.batches.map(\.model)) == [0, 2])
        #expect(result.schedule.batches.last?.loadedBlocks.count == 1)
    }

    @Test func `reasons name what is in the way`() {
        let blocks = [EdgeServer.Block(bytes: 10, loadSeconds: 0.1), EdgeServer.Block(bytes: 100, loadSeconds: 0)]
        let models = [[0], [1]].map { EdgeServer.Model(blocks: $0, baseSeconds: 0.01, itemSeconds: 0.01) }
        let server = EdgeServer(blocks: blocks, models: models, memoryBytes: 50, uplink: Hertz(100))
        let requests = [
            SchedulingProblem.Request(model: 0, deadline: 0.1),
            SchedulingProblem.Request(model: 1, deadline: 10),
            SchedulingProblem.Request(model: 0, bits: 1e4, deadline: 1),
        ]
        let result = greedy.solve(SchedulingProblem(server: server, requests: requests), limits: .none)
        #expect(result.schedule.unserved == [0: .deadline, 1: .memory, 2: .uplink])
    }

    @Test func `uploads that may end late leave room for a batch behind theirs`() {
        // The first batch's uploads fill the uplink until just before the deadline; the second one's are done.
        let blocks = [0.01, 0.01].map { EdgeServer.Block(bytes: 1, loadSeconds: $0) }
        let models = [[0], [1]].map { EdgeServer.Model(blocks: $0, baseSeconds: 0.01, itemSeconds: 0) }
        let server = EdgeServer(blocks: blocks, models: models, memoryBytes: 2, uplink: Hertz(100), overlap: false)
        let requests = [
            SchedulingProblem.Request(model: 0, bits: 40, deadline: 0.5),
            SchedulingProblem.Request(model: 0, bits: 5, deadline: 0.5),
            SchedulingProblem.Request(model: 1, deadline: 0.5),
        ]
        let result = greedy.solve(SchedulingProblem(server: server, requests: requests), limits: .none)
        #expect(result.schedule.servedCount == 3)
    }

    @Test func `where the uplink is short, the cheapest uploads of all batches stay`() {
        let blocks = [0.01, 0.02].map { EdgeServer.Block(bytes: 1, loadSeconds: $0) }
        let models = [[0], [1]].map { EdgeServer.Model(blocks: $0, baseSeconds: 0.01, itemSeconds: 0) }
        let server = EdgeServer(blocks: blocks, models: models, memoryBytes: 2, uplink: Hertz(100), overlap: false)
        // The first model has the better gain, and each of its uploads takes as much as all of the other's.
        let dear = (0..<3).map { _ in SchedulingProblem.Request(model: 0, bits: 40, deadline: 0.5) }
        let cheap = (0..<3).map { _ in SchedulingProblem.Request(model: 1, bits: 10, deadline: 0.5) }
        let problem = SchedulingProblem(server: server, requests: dear + cheap)
        #expect(greedy.solve(problem, limits: .none).schedule.servedCount == 3)
    }

    @Test(arguments: UInt64(0)..<40)
    func `with the uplink short it serves at least as many as simple batching does on average`(first: UInt64) {
        var (own, simple) = (0, 0)
        for seed in (first * 10)..<(first * 10 + 10) {
            let shape = ProblemMaker.Shape(requests: 40, families: 4, uplinkFactor: 0.3)
            let problem = ProblemMaker.problem(shape, seed: seed)
            own += greedy.solve(problem, limits: .none).schedule.servedCount
            simple += EarliestDeadlineScheduler().solve(problem, limits: .none).schedule.servedCount
        }
        #expect(own >= simple)
    }

    @Test func `limits stop it`() {
        let problem = ProblemMaker.problem(ProblemMaker.Shape(requests: 30, families: 4, uplinkFactor: 5), seed: 3)
        let one = greedy.solve(problem, limits: SchedulingLimits(maximumIterations: 1))
        #expect(one.schedule.batches.count == 1)
        #expect(one.stopReason == .iterationLimit)
        #expect(ScheduleValidator.violations(of: one.schedule, in: problem) == [])
        let none = greedy.solve(problem, limits: SchedulingLimits { true })
        #expect(none.schedule.batches.isEmpty)
        #expect(none.stopReason == .budgetUsedUp)
    }
}
