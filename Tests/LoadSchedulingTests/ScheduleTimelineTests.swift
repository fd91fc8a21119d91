import LoadScheduling
import ServingCore
import Testing

struct ScheduleTimelineTests {
    /// Two models of one own block each and one shared: loads 0.2 shared, 0.1 own; inference 0.1 + 0.05 per request.
    private func server(_ reuse: EdgeServer.Reuse, overlap: Bool, memory: Int = 100) -> EdgeServer {
        let blocks = [0.2, 0.1, 0.1, 0.3].map { EdgeServer.Block(bytes: 10, loadSeconds: $0) }
        let models = [[0, 1], [0, 2], [3]].map { EdgeServer.Model(blocks: $0, baseSeconds: 0.1, itemSeconds: 0.05) }
        return EdgeServer(blocks: blocks, models: models, memoryBytes: memory, reuse: reuse, overlap: overlap)
    }

    private func timeline(_ batches: [BatchOutline], _ server: EdgeServer, _ state: ServerState = ServerState())
        -> ScheduleTimeline
    {
        var timeline = ScheduleTimeline(recordsBlocks: true)
        timeline.compute(batches, on: server, from: state)
        return timeline
    }

    private func batch(_ model: Int, _ count: Int = 2, by deadline: Double = 10, work: Double = 0) -> BatchOutline {
        BatchOutline(model: model, count: count, deadline: deadline, uplinkWork: work)
    }

    private func isClose(_ left: [Double], _ right: [Double]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) < 1e-9 }
    }

    @Test func `the paper's mode loads what the batch before lacks, after it has finished`() {
        let result = timeline([batch(0), batch(1), batch(2), batch(0)], server(.consecutive, overlap: false))
        #expect(isClose(result.entries.map(\.loadSeconds), [0.3, 0.1, 0.3, 0.3]))
        #expect(isClose(result.entries.map(\.start), [0.3, 0.6, 1.1, 1.6]))
        #expect(isClose(result.entries.map(\.finish), [0.5, 0.8, 1.3, 1.8]))
    }

    @Test func `the room for newcomers is what batches and all after them can wait`() {
        let result = timeline([batch(0, by: 1), batch(1)], server(.retained, overlap: true))
        // The first must start by 0.8 and can by 0.3; the second by 9.8 and 0.5.
        #expect(abs(result.meanRoom - (0.5 + 9.3) / 2) < 1e-9)
        // In the other order the first has no more room than the second, which starts at 0.5 then.
        let hidden = timeline([batch(1), batch(0, by: 1)], server(.retained, overlap: true))
        #expect(abs(hidden.meanRoom - 0.3) < 1e-9)
        #expect(timeline([], server(.retained, overlap: true)).meanRoom == .infinity)
    }

    @Test func `retained blocks are not loaded again`() {
        let result = timeline([batch(0), batch(1), batch(2), batch(0)], server(.retained, overlap: false))
        #expect(isClose(result.entries.map(\.loadSeconds), [0.3, 0.1, 0.3, 0]))
        #expect(result.loadedBlocks == [[0, 1], [2], [3], []])
    }

    @Test func `with overlap loads run beside inference`() {
        let result = timeline([batch(0), batch(1), batch(2)], server(.retained, overlap: true))
        #expect(isClose(result.entries.map(\.loadStart), [0, 0.3, 0.4]))
        #expect(isClose(result.entries.map(\.start), [0.3, 0.5, 0.7]))
    }

    @Test func `a load that does not fit beside unfinished batches waits for them`() {
        let result = timeline([batch(0), batch(2)], server(.retained, overlap: true, memory: 20))
        #expect(isClose(result.entries.map(\.loadStart), [0, 0.5]))
        #expect(result.evictedBlocks[1].count == 1)
        #expect(!result.exceedsMemory)
    }

    @Test func `the block whose next use is furthest away goes first`() {
        let result = timeline([batch(1), batch(2), batch(0), batch(1)], server(.retained, overlap: false, memory: 30))
        #expect(result.evictedBlocks == [[], [], [3], []])
        let tight = timeline([batch(0), batch(2), batch(1), batch(0)], server(.retained, overlap: false, memory: 30))
        #expect(tight.evictedBlocks[2] == [3])
        #expect(tight.loadedBlocks[3] == [])
    }

    /// A model of four blocks, worth more from one to the next, and one of a single block; memory for four.
    private func partlyEvicting() -> EdgeServer {
        let blocks = [0.1, 0.2, 0.3, 0.4, 0.5].map { EdgeServer.Block(bytes: 10, loadSeconds: $0) }
        let models = [[3, 1, 0, 2], [4]].map { EdgeServer.Model(blocks: $0, baseSeconds: 0.1, itemSeconds: 0.05) }
        return EdgeServer(blocks: blocks, models: models, memoryBytes: 40, overlap: false)
    }

    @Test func `of blocks that the same models use only as many go as there must, and only those come back`() {
        let result = timeline([batch(0), batch(1), batch(0)], partlyEvicting())
        #expect(result.evictedBlocks == [[], [0], [4]])
        #expect(result.loadedBlocks == [[3, 1, 0, 2], [4], [0]])
        #expect(isClose(result.entries.map(\.loadSeconds), [1, 0.5, 0.1]))
    }

    @Test func `groups of blocks told before a chain was changed are not relied on`() {
        var server = partlyEvicting()
        server.groupBlocks()
        server.models[1] = EdgeServer.Model(blocks: [4, 3], baseSeconds: 0.1, itemSeconds: 0.05)
        let result = timeline([batch(0), batch(1), batch(0)], server)
        #expect(result.loadedBlocks == [[3, 1, 0, 2], [4], [0]])
        #expect(result.evictedBlocks == [[], [0], [4]])
        server.models[1] = EdgeServer.Model(blocks: [3], baseSeconds: 0.1, itemSeconds: 0.05)
        #expect(timeline([batch(0), batch(1)], server).loadedBlocks == [[3, 1, 0, 2], []])
    }

    @Test func `a model over memory is told`() {
        #expect(timeline([batch(0)], server(.retained, overlap: true, memory: 10)).exceedsMemory)
    }

    @Test func `latest starts leave room for everything after`() {
        let result = timeline([batch(0, by: 5), batch(1, by: 1)], server(.consecutive, overlap: false))
        #expect(isClose(result.entries.map(\.latestStart), [0.5, 0.8]))
        let overlapping = timeline([batch(0, by: 5), batch(1, by: 1)], server(.retained, overlap: true))
        #expect(isClose(overlapping.entries.map(\.latestStart), [0.6, 0.8]))
    }

    @Test func `a batch started at its latest start still lets the others be in time`() {
        for seed in UInt64(0)..<50 {
            for (reuse, overlap) in ProblemMaker.modes {
                let shape = ProblemMaker.Shape(requests: 8, reuse: reuse, overlap: overlap, memoryFactor: 1.1)
                var problem = ProblemMaker.problem(shape, seed: seed)
                problem.server.uplink = Hertz(.infinity)
                for index in problem.requests.indices { problem.requests[index].bits = 0 }
                let schedule = GreedyScheduler().solve(problem, limits: .none).schedule
                var outlines = schedule.batches.map { problem.outline(of: $0.requests, model: $0.model) }
                let latest = timeline(outlines, problem.server, problem.state).entries.map(\.latestStart)
                for index in outlines.indices { outlines[index].uploadEnd = latest[index] - 1e-9 }
                let delayed = timeline(outlines, problem.server, problem.state)
                #expect(delayed.lateRequests == 0, "seed \(seed) \(reuse) \(overlap)")
            }
        }
    }

    @Test func `uploads need their least shares, and a spare uplink ends them early`() {
        var uplinked = server(.retained, overlap: true)
        uplinked.uplink = Hertz(100)
        let state = ServerState(resident: BlockSet([0, 1, 2]))
        let result = timeline([batch(0, by: 1, work: 20), batch(1, by: 2, work: 18)], uplinked, state)
        #expect(isClose(result.entries.map(\.latestStart), [0.8, 1.8]))
        #expect(abs(result.leastShareTotal - 35) < 1e-9)
        #expect(isClose(result.entries.map(\.start), [0.28, 0.63]))
        uplinked.uplink = Hertz(34)
        #expect(!timeline([batch(0, by: 1, work: 20), batch(1, by: 2, work: 18)], uplinked, state).uplinkSuffices)
    }

    @Test func `an upload whose latest start is past is asked to end within its least window, not at once`() {
        var uplinked = server(.retained, overlap: true)
        uplinked.uplink = Hertz(100)
        let state = ServerState(resident: BlockSet([0, 1, 2]))
        var late = batch(0, by: 0.1, work: 2)
        #expect(!timeline([late], uplinked, state).uplinkSuffices)
        late.leastWindow = 0.05
        let result = timeline([late], uplinked, state)
        #expect(abs(result.leastShareTotal - 40) < 1e-9)
        #expect(result.uplinkSuffices)
        // Where there is more time than that, it changes nothing.
        let early = timeline([batch(0, by: 1, work: 2)], uplinked, state).leastShareTotal
        var reserved = batch(0, by: 1, work: 2)
        reserved.leastWindow = 0.05
        #expect(timeline([reserved], uplinked, state).leastShareTotal == early)
    }

    @Test func `late requests are counted, and the empty list is feasible`() {
        let late = timeline([batch(0, 3, by: 0.2), batch(1, 2)], server(.retained, overlap: true))
        #expect(late.lateRequests == 3)
        #expect(!late.isFeasible)
        #expect(timeline([], server(.retained, overlap: true)).isFeasible)
    }

    @Test func `blocks on their way in are waited for`() {
        let state = ServerState(resident: BlockSet([0, 1]), loading: BlockSet([1]), loaderFree: 0.4)
        let result = timeline([batch(0), batch(2)], server(.retained, overlap: true), state)
        #expect(isClose(result.entries.map(\.start), [0.4, 0.7]))
    }
}
