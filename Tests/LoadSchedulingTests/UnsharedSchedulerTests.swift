import ServingCore
import TestSupport
import Testing

@testable import LoadScheduling

struct UnsharedSchedulerTests {
    private let limits = SchedulingLimits(maximumIterations: 60)

    @Test(arguments: UInt64(0)..<10, 0..<4)
    func `its schedules are valid on the server with sharing`(seed: UInt64, mode: Int) {
        var shape = ProblemMaker.Shape(requests: 25)
        (shape.reuse, shape.overlap) = ProblemMaker.modes[mode]
        shape.shares = ProblemMaker.shares(seed)
        let problem = ProblemMaker.problem(shape, seed: seed)
        let result = UnsharedScheduler().solve(problem, limits: limits)
        #expect(ScheduleValidator.violations(of: result.schedule, in: problem) == [])
        #expect(Double(result.schedule.servedCount) <= result.upperBound ?? 0)
    }

    @Test func `without sharing no two models have a block in common, and each is as large as before`() {
        var problem = ProblemMaker.problem(ProblemMaker.Shape(), seed: 1)
        problem.state.resident = problem.server.models[0].blockSet
        let unshared = UnsharedScheduler.withoutSharing(problem)
        var seen = BlockSet()
        for index in problem.server.models.indices {
            #expect(!seen.intersects(unshared.server.models[index].blockSet))
            seen.formUnion(unshared.server.models[index].blockSet)
            #expect(unshared.server.bytes(ofModel: index) == problem.server.bytes(ofModel: index))
        }
        #expect(unshared.server.bytes(of: unshared.state.resident) == problem.server.bytes(of: problem.state.resident))
    }

    @Test func `it serves fewer where sharing spares loads`() {
        let blocks = [0.05, 0.001, 0.001].map { EdgeServer.Block(bytes: 1, loadSeconds: $0) }
        let models = [[0, 1], [0, 2]].map { EdgeServer.Model(blocks: $0, baseSeconds: 0.001, itemSeconds: 0.001) }
        let server = EdgeServer(blocks: blocks, models: models, memoryBytes: 4, reuse: .consecutive, overlap: false)
        let requests = [0, 1].map { SchedulingProblem.Request(model: $0, deadline: 0.06) }
        let problem = SchedulingProblem(server: server, requests: requests)
        #expect(UnsharedScheduler().solve(problem, limits: limits).schedule.servedCount == 1)
        #expect(SearchScheduler().solve(problem, limits: limits).schedule.servedCount == 2)
    }
}
