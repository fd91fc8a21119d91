import LoadScheduling
import ServingCore
import TestSupport
import Testing

struct UpperBoundTests {
    private func problem(_ seed: UInt64, mode: Int) -> SchedulingProblem {
        var random = SeededGenerator(seed: seed)
        var shape = ProblemMaker.Shape()
        (shape.reuse, shape.overlap) = ProblemMaker.modes[mode]
        shape.shares = ProblemMaker.shares(seed)
        shape.requests = .random(in: 4...8, using: &random)
        shape.variants = .random(in: 1...2, using: &random)
        shape.memoryFactor = .random(in: 1...4, using: &random)
        shape.uplinkFactor = .random(in: 0.3...6, using: &random)
        shape.weights = seed % 2 == 0
        var problem = ProblemMaker.problem(shape, seed: seed)
        let tightness = Double.random(in: 0.2...1, using: &random)
        for index in problem.requests.indices { problem.requests[index].deadline *= tightness }
        if seed % 3 == 0 {
            let model = Int.random(in: 0..<problem.server.models.count, using: &random)
            problem.state.resident = problem.server.models[model].blockSet
            problem.state.now = 5
            problem.state.executorFree = 5 + .random(in: -0.01...0.02, using: &random)
            problem.state.loaderFree = problem.state.executorFree
            if problem.server.overlap { problem.state.loaderFree += .random(in: -0.02...0.02, using: &random) }
            for index in problem.requests.indices { problem.requests[index].deadline += 5 }
        }
        return problem
    }

    @Test(arguments: 0..<4)
    func `it is never below the optimum, and seldom far above`(mode: Int) {
        var gap = 0.0
        var total = 0.0
        for seed in UInt64(0)..<40 {
            let problem = problem(seed, mode: mode)
            let optimum = ExhaustiveScheduler().solve(problem, limits: .none)
            let bound = SchedulingBound.upperBound(of: problem)
            #expect(optimum.isOptimal, "seed \(seed)")
            #expect(bound >= optimum.upperBound ?? .infinity, "seed \(seed)")
            gap += bound - (optimum.upperBound ?? 0)
            total += optimum.upperBound ?? 0
        }
        #expect(gap / total < 0.25, "\(gap / total)")
    }

    @Test(arguments: 0..<4)
    func `it holds with few iterations, and whatever it holds for more requests than moments`(mode: Int) {
        for seed in UInt64(0)..<5 {
            var shape = ProblemMaker.Shape(requests: 60, families: 4, uplinkFactor: 3)
            (shape.reuse, shape.overlap) = ProblemMaker.modes[mode]
            shape.shares = ProblemMaker.shares(seed)
            let problem = ProblemMaker.problem(shape, seed: seed)
            let served = Double(GreedyScheduler().solve(problem, limits: .none).schedule.servedCount)
            let quick = SchedulingBound.upperBound(of: problem, iterations: 1)
            let slow = SchedulingBound.upperBound(of: problem)
            #expect(served <= slow, "seed \(seed)")
            #expect(slow <= quick, "seed \(seed)")
            #expect(quick <= problem.weightServableAlone, "seed \(seed)")
        }
    }

    @Test func `what must be loaded first counts`() {
        // Ten models, a load of 0.1 each, no two share: only three loads fit before the deadline.
        let blocks = (0..<10).map { _ in EdgeServer.Block(bytes: 1, loadSeconds: 0.1) }
        let models = (0..<10).map { EdgeServer.Model(blocks: [$0], baseSeconds: 0, itemSeconds: 0.001) }
        let server = EdgeServer(blocks: blocks, models: models, memoryBytes: 10, reuse: .retained, overlap: true)
        let requests = (0..<10).map { SchedulingProblem.Request(model: $0, deadline: 0.35) }
        #expect(SchedulingBound.upperBound(of: SchedulingProblem(server: server, requests: requests)) == 3)
    }

    @Test func `the uplink counts`() {
        let models = [EdgeServer.Model(blocks: [], baseSeconds: 0, itemSeconds: 0.001)]
        let server = EdgeServer(models: models, memoryBytes: 10, uplink: Hertz(50), reuse: .retained, overlap: true)
        let requests = (0..<20).map { _ in SchedulingProblem.Request(model: 0, bits: 10, deadline: 1) }
        #expect(SchedulingBound.upperBound(of: SchedulingProblem(server: server, requests: requests)) == 4)
    }

    @Test func `no requests, and none that can be served, are zero`() {
        let server = EdgeServer(memoryBytes: 0)
        #expect(SchedulingBound.upperBound(of: SchedulingProblem(server: server, requests: [])) == 0)
        let model = EdgeServer.Model(blocks: [], baseSeconds: 1, itemSeconds: 0)
        let late = SchedulingProblem(
            server: EdgeServer(models: [model], memoryBytes: 0),
            requests: [SchedulingProblem.Request(model: 0, deadline: 0.5)]
        )
        #expect(SchedulingBound.upperBound(of: late) == 0)
    }
}
