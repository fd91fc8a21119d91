import LoadScheduling
import ServingCore
import TestSupport
import Testing

struct ExhaustiveSchedulerTests {
    private let exhaustive = ExhaustiveScheduler()

    /// Problems small enough for every ordered list of batches to be tried by hand.
    private func tiny(_ seed: UInt64, mode: Int) -> SchedulingProblem {
        var random = SeededGenerator(seed: seed)
        var shape = ProblemMaker.Shape()
        (shape.reuse, shape.overlap) = ProblemMaker.modes[mode]
        shape.shares = ProblemMaker.shares(seed)
        shape.requests = .random(in: 1...4, using: &random)
        shape.variants = .random(in: 1...2, using: &random)
        shape.memoryFactor = .random(in: 1...2.5, using: &random)
        shape.uplinkFactor = .random(in: 0.3...6, using: &random)
        shape.weights = seed % 3 == 0
        var problem = ProblemMaker.problem(shape, seed: seed)
        for index in problem.requests.indices {
            problem.requests[index].deadline *= .random(in: 0.2...1, using: &random)
            if Int.random(in: 0..<5, using: &random) == 0 {
                problem.requests[index].bits = 0
                problem.requests[index].uploadEnd = .random(in: 0...0.1, using: &random)
            }
        }
        if seed % 4 == 1 {
            problem.state.resident = problem.server.models[0].blockSet
            problem.state.executorFree = .random(in: 0...0.02, using: &random)
            if problem.server.overlap { problem.state.loaderFree = .random(in: 0...0.03, using: &random) }
        }
        return problem
    }

    private struct Value: Comparable {
        var weight: Double
        var end: Double
        var bytes: Int

        static func < (left: Value, right: Value) -> Bool {
            if left.weight != right.weight { return left.weight < right.weight }
            if abs(left.end - right.end) > 1e-8 { return left.end > right.end }
            return left.bytes > right.bytes
        }
    }

    private func value(_ batches: [ScheduleBuilder.Batch], _ problem: SchedulingProblem) -> Value? {
        guard let schedule = ScheduleBuilder.schedule(batches, of: problem) else { return nil }
        let weight = batches.flatMap(\.requests).reduce(0) { $0 + problem.requests[$1].weight }
        let bytes = schedule.batches.flatMap(\.loadedBlocks).reduce(0) { $0 + problem.server.blocks[$1].bytes }
        return Value(weight: weight, end: schedule.batches.last?.finish ?? problem.state.executorFree, bytes: bytes)
    }

    /// The best of all ordered lists of batches, without any idea of which could be good.
    private func best(_ problem: SchedulingProblem) -> Value {
        var best = Value(weight: 0, end: problem.state.executorFree, bytes: 0)
        func extend(_ batches: [ScheduleBuilder.Batch], _ rest: [Int]) {
            if let value = value(batches, problem), value > best { best = value }
            for mask in 1..<max(1 << rest.count, 1) {
                let batch = rest.indices.filter { mask & 1 << $0 != 0 }.map { rest[$0] }
                let model = problem.requests[batch[0]].model
                guard batch.allSatisfy({ problem.requests[$0].model == model }) else { continue }
                extend(batches + [.init(model: model, requests: batch)], rest.filter { !batch.contains($0) })
            }
        }
        extend([], Array(problem.requests.indices))
        return best
    }

    @Test(arguments: 0..<4)
    func `nothing beats it among all ordered lists of batches, ties included`(mode: Int) {
        for seed in UInt64(0)..<24 {
            let problem = tiny(seed, mode: mode)
            let result = exhaustive.solve(problem, limits: .none)
            #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [], "seed \(seed)")
            #expect(result.isOptimal, "seed \(seed)")
            let batches = result.schedule.batches.map { ScheduleBuilder.Batch(model: $0.model, requests: $0.requests) }
            let expected = best(problem)
            let found = value(batches, problem) ?? Value(weight: -1, end: 0, bytes: 0)
            #expect(!(found < expected), "seed \(seed): \(found), not \(expected)")
            #expect(result.upperBound == expected.weight, "seed \(seed)")
        }
    }

    @Test(arguments: 0..<4)
    func `nothing beats it where memory is hardly more than the largest model`(mode: Int) {
        for seed in UInt64(200)..<224 {
            var shape = ProblemMaker.Shape(requests: 4, variants: 2)
            (shape.reuse, shape.overlap) = ProblemMaker.modes[mode]
            shape.shares = ProblemMaker.shares(seed)
            shape.memoryFactor = seed % 2 == 0 ? 1.0001 : 1.4
            shape.uplinkFactor = 4
            let problem = ProblemMaker.problem(shape, seed: seed)
            let result = exhaustive.solve(problem, limits: .none)
            #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [], "seed \(seed)")
            #expect(result.isOptimal && result.upperBound == best(problem).weight, "seed \(seed)")
        }
    }

    @Test(arguments: 0..<4)
    func `eleven requests of four models are solved in every mode, never worse than greedy`(mode: Int) {
        for seed in UInt64(0)..<2 {
            var shape = ProblemMaker.Shape(requests: 11, variants: 2, memoryFactor: seed % 2 == 0 ? 1.1 : 4)
            (shape.reuse, shape.overlap) = ProblemMaker.modes[mode]
            shape.shares = ProblemMaker.shares(seed)
            let problem = ProblemMaker.problem(shape, seed: seed)
            let result = exhaustive.solve(problem, limits: .none)
            #expect(result.isOptimal, "seed \(seed)")
            #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [], "seed \(seed)")
            let greedy = GreedyScheduler().solve(problem, limits: .none).schedule
            #expect(result.schedule.servedCount >= greedy.servedCount, "seed \(seed)")
        }
    }

    @Test func `a model runs twice where that serves more`() {
        let blocks = [EdgeServer.Block(bytes: 1, loadSeconds: 0.01)]
        let models = [EdgeServer.Model(blocks: [0], baseSeconds: 0.01, itemSeconds: 0.1)]
        let server = EdgeServer(blocks: blocks, models: models, memoryBytes: 1, reuse: .consecutive, overlap: false)
        let requests = [0.125, 0.235].map { SchedulingProblem.Request(model: 0, deadline: $0) }
        let result = exhaustive.solve(SchedulingProblem(server: server, requests: requests), limits: .none)
        #expect(result.schedule.batches.map(\.requests) == [[0], [1]])
    }

    @Test func `it names what is in the way of who is not served`() {
        let blocks = [EdgeServer.Block(bytes: 1, loadSeconds: 0.1), EdgeServer.Block(bytes: 9, loadSeconds: 0)]
        let models = [[0], [1]].map { EdgeServer.Model(blocks: $0, baseSeconds: 0, itemSeconds: 0.1) }
        var server = EdgeServer(blocks: blocks, models: models, memoryBytes: 5, reuse: .consecutive, overlap: false)
        server.uplink = Hertz(10)
        let requests = [
            SchedulingProblem.Request(model: 0, bits: 2, deadline: 0.5),
            SchedulingProblem.Request(model: 0, bits: 2.1, deadline: 0.5),
            SchedulingProblem.Request(model: 0, deadline: 0.1),
            SchedulingProblem.Request(model: 1, deadline: 0.5),
        ]
        let result = exhaustive.solve(SchedulingProblem(server: server, requests: requests), limits: .none)
        #expect(result.schedule.unserved == [1: .uplink, 2: .deadline, 3: .memory])
        #expect(result.isOptimal)
    }

    @Test func `nothing to do is an empty plan, proved optimal`() {
        let problem = SchedulingProblem(server: EdgeServer(memoryBytes: 0), requests: [])
        let result = exhaustive.solve(problem, limits: .none)
        #expect(result.schedule.batches.isEmpty)
        #expect(result.isOptimal)
        #expect(result.upperBound == 0)
    }

    @Test func `beyond its size it returns the greedy schedule and claims nothing it cannot prove`() {
        let problem = ProblemMaker.problem(ProblemMaker.Shape(requests: 40), seed: 1)
        #expect(!ExhaustiveScheduler.isSmallEnough(problem))
        let result = exhaustive.solve(problem, limits: .none)
        #expect(result.schedule.batches == GreedyScheduler().solve(problem, limits: .none).schedule.batches)
        #expect(!result.isOptimal)
        #expect(result.upperBound ?? 0 > Double(result.schedule.servedCount))
    }

    @Test func `a budget that is used up leaves a feasible schedule that is not called optimal`() {
        let problem = ProblemMaker.problem(ProblemMaker.Shape(requests: 11, variants: 2), seed: 2)
        let result = exhaustive.solve(problem, limits: SchedulingLimits { true })
        #expect(result.stopReason == .budgetUsedUp)
        #expect(!result.isOptimal)
        #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [])
    }
}
