import LoadScheduling
import ServingCore
import TestSupport
import Testing

struct VaryingSharesTests {
    private func problem(_ seed: UInt64, mode: Int, uplinkFactor: Double) -> SchedulingProblem {
        var shape = ProblemMaker.Shape(requests: 8, variants: 2, uplinkFactor: uplinkFactor)
        (shape.reuse, shape.overlap) = ProblemMaker.modes[mode]
        shape.shares = .varying
        return ProblemMaker.problem(shape, seed: seed)
    }

    /// Random batches of distinct models.
    private func batches(_ problem: SchedulingProblem, _ random: inout SeededGenerator) -> [ScheduleBuilder.Batch] {
        var byModel: [Int: [Int]] = [:]
        for index in problem.requests.indices where Bool.random(using: &random) {
            byModel[problem.requests[index].model, default: []].append(index)
        }
        return byModel.keys.sorted().shuffled(using: &random).map { .init(model: $0, requests: byModel[$0] ?? []) }
    }

    /// The rule itself: what must be uploaded by a batch's latest start fits on the uplink until then.
    private func fits(_ batches: [ScheduleBuilder.Batch], _ problem: SchedulingProblem) -> Bool {
        var outlines = batches.map { problem.outline(of: $0.requests, model: $0.model) }
        for index in outlines.indices { outlines[index].uplinkWork = 0 }
        var timeline = ScheduleTimeline()
        timeline.compute(outlines, on: problem.server, from: problem.state)
        guard timeline.isFeasible else { return false }
        var work = 0.0
        return zip(batches, timeline.entries).allSatisfy { batch, entry in
            work += batch.requests.reduce(0) { $0 + problem.requests[$1].uplinkWork }
            return work <= problem.server.uplink.rawValue * (entry.latestStart - problem.state.now) * (1 + 1e-9)
        }
    }

    @Test(arguments: 0..<4)
    func `a list is feasible exactly when the work of all up to each batch is done by its latest start`(mode: Int) {
        var counts = [0, 0]
        for seed in UInt64(0)..<400 {
            var random = SeededGenerator(seed: seed)
            let problem = problem(seed, mode: mode, uplinkFactor: .random(in: 0.05...1, using: &random))
            let batches = batches(problem, &random)
            let schedule = ScheduleBuilder.schedule(
                batches,
                unserved: Dictionary(uniqueKeysWithValues: problem.requests.indices.map { ($0, .deadline) })
                    .filter { index, _ in !batches.contains { $0.requests.contains(index) } },
                of: problem
            )
            #expect((schedule != nil) == fits(batches, problem), "seed \(seed)")
            counts[schedule == nil ? 0 : 1] += 1
            guard let schedule else { continue }
            #expect(ScheduleValidator.violations(of: schedule, in: problem) == [], "seed \(seed)")
        }
        #expect(counts.allSatisfy { $0 > 20 }, "\(counts)")
    }

    @Test(arguments: 0..<4)
    func `they serve whatever constant shares serve, and here and there more`(mode: Int) {
        var more = 0
        for seed in UInt64(0)..<20 {
            let varying = problem(seed, mode: mode, uplinkFactor: 0.4)
            var constant = varying
            constant.server.shares = .constant
            let exhaustive = ExhaustiveScheduler()
            let served = [constant, varying].map { exhaustive.solve($0, limits: .none).schedule.servedCount }
            #expect(served[0] <= served[1], "seed \(seed)")
            if served[0] < served[1] { more += 1 }
        }
        #expect(more > 0)
    }

    /// Two batches that start by 1 s and by 2 s at the latest, each with uploads of one second of the whole uplink.
    private var twoTurns: SchedulingProblem {
        let blocks = [EdgeServer.Block(bytes: 1, loadSeconds: 0), EdgeServer.Block(bytes: 1, loadSeconds: 0)]
        let models = [[0], [1]].map { EdgeServer.Model(blocks: $0, baseSeconds: 0.5, itemSeconds: 0) }
        var server = EdgeServer(blocks: blocks, models: models, memoryBytes: 2, uplink: Hertz(8))
        server.shares = .varying
        let requests = [1.5, 2.5].enumerated().map {
            SchedulingProblem.Request(model: $0.offset, bits: 16, efficiency: 2, deadline: $0.element)
        }
        return SchedulingProblem(server: server, requests: requests)
    }

    private let inOrder = [
        ScheduleBuilder.Batch(model: 0, requests: [0]), ScheduleBuilder.Batch(model: 1, requests: [1]),
    ]

    @Test func `uploads take turns on the whole uplink, where constant shares would not do`() throws {
        let schedule = try #require(ScheduleBuilder.schedule(inOrder, of: twoTurns))
        #expect(schedule.shares == [Hertz(8), Hertz(8)])
        #expect(schedule.turns == [.init(start: 0, end: 1), .init(start: 1, end: 2)])
        #expect(schedule.batches.map(\.inferStart) == [1, 2])
        var constant = twoTurns
        constant.server.shares = .constant
        #expect(ScheduleBuilder.schedule(inOrder, of: constant) == nil)
        #expect(ScheduleBuilder.schedule(inOrder.reversed(), of: twoTurns) == nil)
    }

    @Test func `turns that overlap, end late or are too short are found`() throws {
        let schedule = try #require(ScheduleBuilder.schedule(inOrder, of: twoTurns))
        #expect(ScheduleValidator.violations(of: schedule, in: twoTurns) == [])
        let broken: [LoadSchedule.UploadTurn?] = [
            .init(start: 0.5, end: 1.5), .init(start: 1, end: 1.5), .init(start: 1.5, end: 2.5),
            .init(start: -1, end: 0), nil,
        ]
        for turn in broken {
            var changed = schedule
            changed.turns[1] = turn
            #expect(!ScheduleValidator.violations(of: changed, in: twoTurns).isEmpty, "\(String(describing: turn))")
        }
    }

    @Test(arguments: UInt64(0)..<12, 0..<4)
    func `who waits for the uplink is named so`(seed: UInt64, mode: Int) {
        let problem = problem(seed, mode: mode, uplinkFactor: 0.05)
        for solver in [GreedyScheduler(), FirstArrivalScheduler(), SearchScheduler()] as [any LoadScheduler] {
            let result = solver.solve(problem, limits: SchedulingLimits(maximumIterations: 50))
            #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [], "\(solver.name)")
            var endless = problem
            endless.server.uplink = Hertz(.infinity)
            guard solver.name == "search", result.schedule.unserved.values.contains(.uplink) else { continue }
            let more = solver.solve(endless, limits: SchedulingLimits(maximumIterations: 50))
            #expect(more.schedule.servedCount > result.schedule.servedCount, "seed \(seed)")
        }
    }
}
