import LoadScheduling
import ServingCore
import TestSupport
import Testing

struct BaselineSchedulerTests {
    private static func solvers(seed: UInt64) -> [any LoadScheduler] {
        [FirstArrivalScheduler(), EarliestDeadlineScheduler(), RandomOrderScheduler(seed: seed)]
    }

    @Test(arguments: UInt64(0)..<60, 0..<4)
    func `every schedule they make is valid, in every mode`(seed: UInt64, mode: Int) {
        var random = SeededGenerator(seed: seed)
        var shape = ProblemMaker.Shape()
        (shape.reuse, shape.overlap) = ProblemMaker.modes[mode]
        shape.shares = ProblemMaker.shares(seed)
        shape.requests = .random(in: 1...40, using: &random)
        shape.memoryFactor = .random(in: 1...3, using: &random)
        shape.uplinkFactor = .random(in: 0.1...5, using: &random)
        shape.weights = seed % 2 == 0
        let problem = ProblemMaker.problem(shape, seed: seed)
        for solver in Self.solvers(seed: seed) {
            let result = solver.solve(problem, limits: .none)
            #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [], "\(solver.name)")
            let served = result.schedule.batches.flatMap(\.requests).reduce(0) { $0 + problem.requests[$1].weight }
            #expect(served <= result.upperBound ?? .infinity)
            #expect(result.schedule.servedCount + result.schedule.unserved.count == problem.requests.count)
            let models = result.schedule.batches.map(\.model)
            #expect(Set(models).count == models.count, "one batch per model")
        }
    }

    @Test(arguments: UInt64(0)..<20)
    func `uploads that nobody paces are waited for`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var problem = ProblemMaker.problem(ProblemMaker.Shape(requests: 20), seed: seed)
        for index in problem.requests.indices {
            problem.requests[index].bits = 0
            problem.requests[index].uploadEnd = .random(in: 0...0.2, using: &random)
        }
        for solver in Self.solvers(seed: seed) {
            let result = solver.solve(problem, limits: .none)
            #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [], "\(solver.name)")
        }
    }

    /// Two models of one block each, a second to load; a batch takes a second and a tenth for each request.
    private func twoModels(_ requests: [SchedulingProblem.Request], uplink: Double = .infinity) -> SchedulingProblem {
        let blocks = [EdgeServer.Block(bytes: 1, loadSeconds: 1), EdgeServer.Block(bytes: 1, loadSeconds: 1)]
        let models = [[0], [1]].map { EdgeServer.Model(blocks: $0, baseSeconds: 1, itemSeconds: 0.1) }
        let server = EdgeServer(
            blocks: blocks,
            models: models,
            memoryBytes: 1,
            uplink: Hertz(uplink),
            reuse: .consecutive,
            overlap: false
        )
        return SchedulingProblem(server: server, requests: requests)
    }

    @Test func `fifo starts with the model that was asked for first, edf with the one that is due first`() {
        let problem = twoModels([.init(model: 1, deadline: 9), .init(model: 0, deadline: 3)])
        let first = FirstArrivalScheduler().solve(problem, limits: .none)
        #expect(first.schedule.batches.map(\.model) == [1])
        #expect(first.schedule.unserved == [1: .deadline])
        let due = EarliestDeadlineScheduler().solve(problem, limits: .none)
        #expect(due.schedule.batches.map(\.model) == [0, 1])
        #expect(due.isOptimal)
        #expect(due.stopReason == .upperBoundReached)
    }

    @Test func `a batch takes as many requests as can end in time`() {
        // Three end at 2.3, four at 2.4: of the deadlines 2.15, 2.35, 2.35, 9 the last three can share a batch.
        let deadlines = [2.15, 2.35, 2.35, 9]
        let problem = twoModels(deadlines.map { .init(model: 0, deadline: $0) })
        let result = FirstArrivalScheduler().solve(problem, limits: .none)
        #expect(result.schedule.batches.map { $0.requests.sorted() } == [[1, 2, 3]])
        #expect(result.schedule.unserved == [0: .deadline])
    }

    @Test func `the largest share is dropped first until the uplink suffices`() {
        // The batch of three must start by 2.7 (ends by 4); each kilobit takes its kilobit over the window of the uplink.
        let problem = twoModels(
            [10, 500, 20].map { .init(model: 0, bits: $0, deadline: 4) },
            uplink: 100
        )
        let result = FirstArrivalScheduler().solve(problem, limits: .none)
        #expect(result.schedule.batches.map { $0.requests.sorted() } == [[0, 2]])
        #expect(result.schedule.unserved == [1: .uplink])
        let total = result.schedule.shares.reduce(0) { $0 + ($1?.rawValue ?? 0) }
        #expect(abs(total - 100) < 1e-6, "what is left of the uplink is shared out")
    }

    @Test func `blocks shared with the batch before are not loaded again`() {
        let blocks = [1.0, 1, 1].map { EdgeServer.Block(bytes: 1, loadSeconds: $0) }
        let models = [[0, 1], [0, 2]].map { EdgeServer.Model(blocks: $0, baseSeconds: 0, itemSeconds: 0) }
        let server = EdgeServer(blocks: blocks, models: models, memoryBytes: 2, reuse: .consecutive, overlap: false)
        let problem = SchedulingProblem(server: server, requests: [0, 1].map { .init(model: $0, deadline: 3) })
        let result = FirstArrivalScheduler().solve(problem, limits: .none)
        #expect(result.schedule.batches.map(\.loadedBlocks) == [[0, 1], [2]])
    }

    @Test func `a model over memory and an empty problem serve nobody`() {
        var problem = twoModels([.init(model: 0, deadline: 9)])
        problem.server.memoryBytes = 0
        for solver in Self.solvers(seed: 1) {
            #expect(solver.solve(problem, limits: .none).schedule.unserved == [0: .memory])
            let nothing = solver.solve(SchedulingProblem(server: problem.server, requests: []), limits: .none)
            #expect(nothing.schedule.batches.isEmpty && nothing.isOptimal)
        }
    }

    @Test func `equal seeds draw equal orders, other seeds others`() {
        let problem = ProblemMaker.problem(ProblemMaker.Shape(requests: 40, families: 5, uplinkFactor: 9), seed: 5)
        let results = (UInt64(0)..<8).map { RandomOrderScheduler(seed: $0).solve(problem, limits: .none) }
        #expect(results == (UInt64(0)..<8).map { RandomOrderScheduler(seed: $0).solve(problem, limits: .none) })
        #expect(Set(results.map { $0.schedule.batches.map(\.model) }).count > 1)
    }

    @Test func `limits end the batching, and what there is by then is feasible`() {
        let problem = ProblemMaker.problem(ProblemMaker.Shape(requests: 30, families: 4), seed: 3)
        for solver in Self.solvers(seed: 3) {
            let one = solver.solve(problem, limits: SchedulingLimits(maximumIterations: 2))
            #expect(one.schedule.batches.count <= 2)
            #expect(one.stopReason == .iterationLimit)
            #expect(ScheduleValidator.violations(of: one.schedule, in: problem) == [])
            let none = solver.solve(problem, limits: SchedulingLimits { true })
            #expect(none.schedule.batches.isEmpty && none.stopReason == .budgetUsedUp)
        }
    }
}
