import LoadScheduling
import ServingCore
import TestSupport
import Testing

struct BackboneDynamicProgramSchedulerTests {
    private let program = BackboneDynamicProgramScheduler()

    /// A problem of the case: the generator's families are clusters, one deadline for all.
    private func problem(
        _ seed: UInt64,
        requests: ClosedRange<Int>,
        uplinkFactor: ClosedRange<Double>
    ) -> SchedulingProblem {
        var random = SeededGenerator(seed: seed)
        var shape = ProblemMaker.Shape()
        shape.requests = .random(in: requests, using: &random)
        shape.variants = .random(in: 1...3, using: &random)
        shape.uplinkFactor = 1
        var problem = ProblemMaker.problem(shape, seed: seed)
        let deadline = Double.random(in: 0.03...0.15, using: &random)
        for index in problem.requests.indices { problem.requests[index].deadline = deadline }
        let needed = problem.requests.reduce(0) { $0 + $1.uplinkWork / deadline }
        problem.server.uplink = Hertz(needed * .random(in: uplinkFactor, using: &random))
        if seed % 3 == 0 { problem.state.resident = problem.server.models[0].blockSet }
        if seed % 5 == 0 { problem.state.executorFree = 0.01 }
        if seed % 7 == 0 {
            let own = problem.server.models[0].blocks[shape.blocksPerFamily]
            problem.server.blocks[own].loadSeconds = 0
        }
        return problem
    }

    @Test func `it finds the proved optimum where the uplink does not bind, and ends as early`() {
        for seed in UInt64(0)..<30 {
            let problem = problem(seed, requests: 1...8, uplinkFactor: 1e4...1e5)
            #expect(BackboneDynamicProgramScheduler.obstacle(in: problem) == nil)
            let optimum = ExhaustiveScheduler().solve(problem, limits: .none)
            let result = program.solve(problem, limits: .none)
            #expect(result.schedule.servedCount == optimum.schedule.servedCount, "seed \(seed)")
            #expect(result.isOptimal, "seed \(seed)")
            #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [], "seed \(seed)")
            let ends = [result, optimum].map { $0.schedule.batches.last?.finish ?? 0 }
            #expect(ends[0] <= ends[1] + 1e-4, "seed \(seed): \(ends)")
        }
    }

    @Test func `where the uplink binds it claims no more than it can prove`() {
        var proved = 0
        for seed in UInt64(0)..<30 {
            let problem = problem(seed, requests: 3...8, uplinkFactor: 0.3...3)
            let optimum = ExhaustiveScheduler().solve(problem, limits: .none).schedule.servedCount
            let result = program.solve(problem, limits: .none)
            let served = result.schedule.servedCount
            #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [], "seed \(seed)")
            #expect(served <= optimum && Double(optimum) <= result.upperBound ?? 0, "seed \(seed)")
            #expect(served >= GreedyScheduler().solve(problem, limits: .none).schedule.servedCount, "seed \(seed)")
            if result.isOptimal { #expect(served == optimum, "seed \(seed)") }
            proved += served == optimum ? 1 : 0
        }
        #expect(proved >= 27, "the optimum in \(proved) of 30")
    }

    @Test func `where the uplink binds, two batches of one model can do what one cannot`() {
        let model = EdgeServer.Model(blocks: [0], baseSeconds: 0.01, itemSeconds: 1)
        let server = EdgeServer(
            blocks: [EdgeServer.Block(bytes: 1, loadSeconds: 0)],
            models: [model],
            memoryBytes: 1,
            uplink: Hertz(0.8),
            reuse: .consecutive,
            overlap: false
        )
        let requests = [0.1, 1].map { SchedulingProblem.Request(model: 0, bits: $0, deadline: 3) }
        let problem = SchedulingProblem(server: server, requests: requests)
        #expect(BackboneDynamicProgramScheduler.obstacle(in: problem) == nil)
        #expect(ScheduleBuilder.schedule([.init(model: 0, requests: [0, 1])], of: problem) == nil)
        let split = ExhaustiveScheduler().solve(problem, limits: .none).schedule
        #expect(split.batches.map(\.requests) == [[0], [1]])
    }

    /// Five of ten numbers that sum to half of their total, as the documentation's reduction has it.
    @Test(arguments: [([1, 2, 3, 4, 5, 5, 6, 7, 8, 9], true), ([2, 2, 2, 2, 2, 2, 2, 2, 2, 20], false)])
    func `serving half of the requests is splitting numbers into equal halves`(numbers: [Int], isPossible: Bool) {
        let half = Double(numbers.reduce(0, +) / 2)
        let many = Double(numbers.count / 2)
        let most = Double(numbers.max() ?? 0) + 1
        let deadline = 4 * many * most * half
        let models = numbers.map { EdgeServer.Model(blocks: [0], baseSeconds: Double($0), itemSeconds: 0) }
        let server = EdgeServer(
            blocks: [EdgeServer.Block(bytes: 1, loadSeconds: 0)],
            models: models,
            memoryBytes: 1,
            uplink: Hertz((many * most - half + 0.5) / deadline),
            reuse: .consecutive,
            overlap: false
        )
        let requests = numbers.enumerated().map {
            SchedulingProblem.Request(model: $0.offset, bits: most - Double($0.element), deadline: deadline)
        }
        var problem = SchedulingProblem(server: server, requests: requests)
        problem.state.executorFree = deadline - half
        #expect(BackboneDynamicProgramScheduler.obstacle(in: problem) == nil)
        let result = program.solve(problem, limits: .none)
        #expect((Double(result.schedule.servedCount) >= many) == isPossible)
    }

    @Test func `large problems are served better than by greedy`() {
        var gain = 0
        for seed in UInt64(0)..<4 {
            let problem = problem(seed, requests: 60...90, uplinkFactor: 20...100)
            let result = program.solve(problem, limits: .none)
            #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [], "seed \(seed)")
            #expect(result.isOptimal, "seed \(seed)")
            gain += result.schedule.servedCount - GreedyScheduler().solve(problem, limits: .none).schedule.servedCount
        }
        #expect(gain > 0)
    }

    @Test func `a model whose blocks are resident runs first`() {
        let blocks = [0.1, 0.1].map { EdgeServer.Block(bytes: 1, loadSeconds: $0) }
        let models = [[0], [1]].map { EdgeServer.Model(blocks: $0, baseSeconds: 0, itemSeconds: 0.01) }
        let server = EdgeServer(blocks: blocks, models: models, memoryBytes: 1, reuse: .consecutive, overlap: false)
        let requests = [0, 1].map { SchedulingProblem.Request(model: $0, deadline: 0.125) }
        let state = ServerState(resident: BlockSet([1]))
        let result = program.solve(SchedulingProblem(server: server, state: state, requests: requests), limits: .none)
        #expect(result.schedule.batches.map(\.model) == [1, 0])
    }

    @Test func `who cannot be served is named with the reason`() {
        let blocks = [EdgeServer.Block(bytes: 9, loadSeconds: 0), EdgeServer.Block(bytes: 1, loadSeconds: 0.1)]
        let models = [[0], [1]].map { EdgeServer.Model(blocks: $0, baseSeconds: 0, itemSeconds: 0.01) }
        let server = EdgeServer(blocks: blocks, models: models, memoryBytes: 5, reuse: .consecutive, overlap: false)
        let requests = [0, 1, 1].map { SchedulingProblem.Request(model: $0, deadline: 0.115) }
        let result = program.solve(SchedulingProblem(server: server, requests: requests), limits: .none)
        #expect(result.schedule.unserved == [0: .memory, 2: .deadline])
        #expect(result.isOptimal)
    }

    @Test func `it says why a problem is not of its case`() {
        typealias Program = BackboneDynamicProgramScheduler
        let problem = problem(1, requests: 9...9, uplinkFactor: 10...10)
        var other = problem
        other.server.reuse = .retained
        #expect(Program.obstacle(in: other) == .reuseIsNotConsecutive)
        other = problem
        other.server.overlap = true
        #expect(Program.obstacle(in: other) == .loadsOverlap)
        other = problem
        other.requests[0].weight = 2
        #expect(Program.obstacle(in: other) == .weightsDiffer)
        other = problem
        other.requests[0].deadline += 0.1
        #expect(Program.obstacle(in: other) == .deadlinesDiffer)
        other = problem
        other.requests[0].uploadEnd = 0.001
        #expect(Program.obstacle(in: other) == .unpacedUploads)
        let blocks = [0, 1].map { _ in EdgeServer.Block(bytes: 1, loadSeconds: 0.001) }
        let models = [[0], [0, 1], [1]].map { EdgeServer.Model(blocks: $0, baseSeconds: 0, itemSeconds: 0.01) }
        let server = EdgeServer(blocks: blocks, models: models, memoryBytes: 5, reuse: .consecutive, overlap: false)
        let requests = [0, 1, 2].map { SchedulingProblem.Request(model: $0, deadline: 1) }
        let chain = SchedulingProblem(server: server, requests: requests)
        #expect(Program.obstacle(in: chain) == .partlySharedBlock(0))
        #expect(program.solve(chain, limits: .none).schedule.servedCount == 3)
    }

    @Test func `an empty problem is an empty plan`() {
        let result = program.solve(SchedulingProblem(server: EdgeServer(memoryBytes: 0), requests: []), limits: .none)
        #expect(result.schedule.batches.isEmpty)
        #expect(result.isOptimal)
    }

    @Test func `a budget that is used up leaves a feasible schedule`() {
        let problem = problem(4, requests: 60...90, uplinkFactor: 20...100)
        let result = program.solve(problem, limits: SchedulingLimits { true })
        #expect(result.stopReason == .budgetUsedUp)
        #expect(!result.isOptimal)
        #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [])
    }
}
