import Dispatching
import ServingCore
import Testing

/// What becomes of requests, one event at a time.
struct DispatcherTests {
    private var bench = DispatcherBench()

    @Test
    mutating func `a request is admitted, its blocks are loaded while it uploads, and it runs when both are done`()
        throws
    {
        let first = bench.arrive(1)
        #expect(bench.isAdmitted(first))
        let order = try #require(bench.load(first))
        #expect(order.load == [DispatcherBench.backbone, DispatcherBench.catHead])
        #expect(order.evict == [])
        #expect(bench.run(try bench.finish(order)) == nil)
        let batch = try #require(bench.run(bench.send(.uploadFinished(RequestID(rawValue: 1)))))
        #expect(batch.requests == [RequestID(rawValue: 1)])
        #expect(batch.loadedBlocks == 2)
        #expect(batch.loadedBytes == 11)
        #expect(batch.loadDuration == .milliseconds(2))
        _ = try bench.finish(batch)
        #expect(bench.dispatcher.counters.inTime == 1)
        #expect(bench.dispatcher.isIdle)
    }

    @Test mutating func `only what the next model lacks is loaded, and the order says what was reused`() throws {
        try bench.warmUp()
        let order = try #require(bench.load(bench.arrive(1, DispatcherBench.dog)))
        #expect(order.load == [DispatcherBench.dogHead])
        #expect(order.reusedBlocks == 1)
        _ = try bench.finish(order)
        let batch = try #require(bench.run(bench.send(.uploadFinished(RequestID(rawValue: 1)))))
        #expect(batch.reusedBlocks == 1)
        #expect(batch.loadedBlocks == 1)
        #expect(batch.reusedBytes == 10)
    }

    @Test mutating func `room is made by evicting what nobody waits for, never the backbone in use`() throws {
        bench.start { $0.memoryLimit = 11 }
        try bench.warmUp()
        let order = try #require(bench.load(bench.arrive(1, DispatcherBench.dog)))
        #expect(order.evict == [DispatcherBench.catHead.id])
        #expect(bench.dispatcher.residentBytes == 11)
    }

    @Test mutating func `refusals name their reason`() throws {
        #expect(bench.rejection(bench.arrive(1, ModelID(name: "cow", version: 1)))?.code == .unknownModel)
        let tight = bench.rejection(bench.arrive(2, within: .milliseconds(3)))
        #expect(tight?.code == .deadlineUnreachable)
        #expect(tight?.breakdown != nil)
        bench.start { $0.memoryLimit = 10 }
        #expect(bench.rejection(bench.arrive(3))?.code == .memoryUnavailable)
        bench.start { $0.maximumQueuedRequests = 1 }
        #expect(bench.isAdmitted(bench.arrive(4)))
        #expect(bench.rejection(bench.arrive(5))?.code == .queueFull)
        _ = bench.send(.drain)
        #expect(bench.rejection(bench.arrive(6))?.code == .draining)
        #expect(bench.dispatcher.counters.rejected == [.queueFull: 1, .draining: 1])
    }

    @Test mutating func `requests of one model that are ready together run together`() throws {
        try bench.warmUp()
        let first = bench.arrive(1)
        #expect(bench.run(first) == nil)
        let alone = try #require(bench.run(bench.send(.uploadFinished(RequestID(rawValue: 1)))))
        for id in UInt64(2)...4 {
            _ = bench.arrive(id)
            #expect(bench.run(bench.send(.uploadFinished(RequestID(rawValue: id)))) == nil)
        }
        let together = try #require(bench.run(try bench.finish(alone)))
        #expect(together.requests.count == 3)
    }

    @Test mutating func `a batch is never over its limit`() throws {
        bench.start { $0.maximumBatchSize = 2 }
        try bench.warmUp()
        _ = bench.arrive(1)
        let first = try #require(bench.run(bench.send(.uploadFinished(RequestID(rawValue: 1)))))
        for id in UInt64(2)...6 {
            _ = bench.arrive(id)
            _ = bench.send(.uploadFinished(RequestID(rawValue: id)))
        }
        #expect(try #require(bench.run(try bench.finish(first))).requests.count == 2)
    }

    @Test mutating func `a request cancelled while it waits is gone, while it runs it is only counted`() throws {
        try bench.warmUp()
        _ = bench.arrive(1)
        #expect(bench.send(.cancelled(RequestID(rawValue: 1))) == [])
        #expect(bench.dispatcher.inFlightRequestCount == 0)
        _ = bench.arrive(2)
        let batch = bench.run(bench.send(.uploadFinished(RequestID(rawValue: 2))))
        _ = bench.send(.cancelled(RequestID(rawValue: 2)))
        _ = try bench.finish(batch)
        #expect(bench.dispatcher.counters.cancelled == 2)
        #expect(bench.dispatcher.counters.inTime == 1)
    }

    @Test mutating func `a malformed body leaves without a word`() throws {
        _ = bench.arrive(1)
        #expect(bench.send(.bodyRejected(RequestID(rawValue: 1))).isEmpty)
        #expect(bench.dispatcher.counters.malformed == 1)
        #expect(bench.dispatcher.queuedRequestCount == 0)
    }

    @Test(arguments: [100, 3000])
    mutating func `a deadline that the body names takes the place of the head's, earlier or later`(
        milliseconds: Int
    ) throws {
        try bench.warmUp()
        _ = bench.arrive(1)
        let busy = try #require(bench.run(bench.send(.uploadFinished(RequestID(rawValue: 1)))))
        _ = bench.arrive(2)
        let named = bench.now.advanced(by: .milliseconds(milliseconds))
        #expect(bench.send(.uploadFinished(RequestID(rawValue: 2), deadline: named)) == [])
        let deadline = try #require(bench.dispatcher.request(RequestID(rawValue: 2))?.deadline)
        #expect(abs(deadline.seconds(to: named)) < 1e-8)
        #expect(bench.run(try bench.finish(busy))?.requests == [RequestID(rawValue: 2)])
    }

    @Test mutating func `a deadline in the body that cannot be met fails at once, as one that was admitted`() throws {
        try bench.warmUp()
        _ = bench.arrive(1)
        _ = bench.send(.uploadFinished(RequestID(rawValue: 1)))
        _ = bench.arrive(2)
        let named = bench.now.advanced(by: .microseconds(10))
        #expect(bench.failure(bench.send(.uploadFinished(RequestID(rawValue: 2), deadline: named))) == .deadlinePassed)
        #expect(bench.dispatcher.inFlightRequestCount == 1)
        #expect(bench.dispatcher.queuedRequestCount == 0)
    }

    @Test mutating func `a complete body is judged by its being here, not by how long its link was expected to take`()
        throws
    {
        try bench.warmUp()
        // At the 100 Mbit/s that are assumed, a megabyte takes 80 ms; it is here after 10.
        _ = bench.arrive(1, within: .seconds(10), bytes: 1_000_000)
        let named = bench.now.advanced(by: .milliseconds(60))
        let actions = bench.send(.uploadFinished(RequestID(rawValue: 1), deadline: named), after: .milliseconds(10))
        #expect(bench.run(actions)?.requests == [RequestID(rawValue: 1)])
    }

    @Test mutating func `an upload that is not over in time fails as soon as that is known`() throws {
        try bench.warmUp()
        _ = bench.arrive(1, within: .milliseconds(50))
        #expect(bench.failure(bench.send(.tick, after: .milliseconds(40))) == nil)
        #expect(bench.failure(bench.send(.tick, after: .milliseconds(9.5))) == .deadlinePassed)
        #expect(bench.dispatcher.counters.failed == 1)
    }

    @Test
    mutating func `a load that fails is tried once more, then fails the requests that wait for it with the reason`()
        throws
    {
        let again = try bench.finish(bench.load(bench.arrive(1)), failing: true)
        #expect(bench.failure(again) == nil)
        #expect(bench.dispatcher.counters.loadRetries == 1)
        let actions = try bench.finish(bench.load(again), failing: true)
        #expect(bench.failure(actions) == .engineFailed)
        #expect(bench.failureText(actions) == "broken file (tried twice)")
        #expect(bench.dispatcher.residentBytes == 0)
        #expect(bench.load(bench.arrive(2)) != nil)
    }

    @Test mutating func `a load that fails once and then does not is forgotten`() throws {
        let again = try bench.finish(bench.load(bench.arrive(1)), failing: true)
        _ = bench.send(.uploadFinished(RequestID(rawValue: 1)))
        _ = try bench.finish(bench.run(try bench.finish(bench.load(again))))
        #expect(bench.dispatcher.counters.inTime == 1)
        let other = try bench.finish(bench.load(bench.arrive(2, DispatcherBench.dog)), failing: true)
        #expect(bench.failure(other) == nil)
    }

    @Test mutating func `while a batch runs, what the next one lacks is loaded`() throws {
        try bench.warmUp()
        _ = bench.arrive(1)
        #expect(bench.run(bench.send(.uploadFinished(RequestID(rawValue: 1)))) != nil)
        #expect(bench.load(bench.arrive(2, DispatcherBench.dog))?.load == [DispatcherBench.dogHead])
        #expect(bench.dispatcher.isExecuting)
    }

    @Test mutating func `a batch waits for an upload only as long as deadlines allow`() throws {
        bench.start { $0.uplink = .rate(BitsPerSecond(8e6)) }
        try bench.warmUp()
        _ = bench.arrive(1, within: .milliseconds(60), bytes: 1000)
        _ = bench.arrive(2, within: .milliseconds(60), bytes: 20_000)
        let first = bench.run(bench.send(.uploadFinished(RequestID(rawValue: 1)), after: .milliseconds(1)))
        let start = first == nil ? bench.run(bench.send(.tick, after: .milliseconds(53))) : first
        #expect(try #require(start).requests.contains(RequestID(rawValue: 1)))
    }

    @Test mutating func `unknown and repeated reports change nothing`() throws {
        try bench.warmUp()
        #expect(bench.send(.uploadFinished(RequestID(rawValue: 77))) == [])
        #expect(bench.send(.cancelled(RequestID(rawValue: 77))) == [])
        #expect(bench.send(.loadFinished(LoadResult(order: OrderID(rawValue: 99), blocks: [:]))) == [])
        #expect(bench.send(.batchFinished(BatchResult(order: OrderID(rawValue: 99), duration: .zero))) == [])
        #expect(bench.send(.planned(PlanningResult(number: 5, batches: []))) == [])
        #expect(bench.dispatcher.isIdle)
    }

    @Test mutating func `the plan can be looked at`() throws {
        _ = bench.arrive(1)
        _ = bench.arrive(2, DispatcherBench.dog)
        let plan = bench.dispatcher.plannedBatches(at: bench.now)
        #expect(plan.map(\.model) == [DispatcherBench.cat, DispatcherBench.dog])
        #expect(plan[0].finish <= plan[1].start)
        #expect(plan[1].missingBlocks == 1)
        #expect(bench.dispatcher.blocks.count { $0.residency == .loading } == 2)
        #expect(bench.dispatcher.request(RequestID(rawValue: 2))?.phase == .uploading)
    }
}
