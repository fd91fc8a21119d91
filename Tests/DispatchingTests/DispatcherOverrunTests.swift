import Dispatching
import ServingCore
import TestSupport
import Testing

/// Batches that run on after the deadlines of all their requests.
struct DispatcherOverrunTests {
    private var bench = DispatcherBench()

    /// A running batch of requests that were given these seconds at its start.
    private mutating func run(
        _ seconds: [Double],
        _ change: (inout DispatcherConfiguration) -> Void = { _ in }
    ) throws -> BatchOrder {
        bench.start {
            $0.overrun = .seconds(1)
            change(&$0)
        }
        try bench.warmUp()
        for (index, seconds) in seconds.enumerated() {
            _ = bench.arrive(UInt64(index), within: .seconds(seconds))
        }
        var order: BatchOrder?
        for index in seconds.indices {
            order = bench.run(bench.send(.uploadFinished(RequestID(rawValue: UInt64(index))))) ?? order
        }
        return try #require(order)
    }

    private func ended(_ actions: [DispatchAction]) -> [OrderID] {
        actions.compactMap { if case .terminate(let order, _) = $0 { order } else { nil } }
    }

    @Test mutating func `A batch is ended once, some time after the last of its deadlines`() throws {
        let order = try run([2])
        #expect(ended(bench.send(.tick, after: .milliseconds(2900))).isEmpty)
        #expect(bench.dispatcher.overrun(at: bench.now) == nil)
        #expect(ended(bench.send(.tick, after: .milliseconds(101))) == [order.id])
        #expect(ended(bench.send(.tick, after: .seconds(5))).isEmpty)
        #expect(bench.dispatcher.counters.terminated == 1)
        #expect(bench.dispatcher.overrun(at: bench.now) ?? .zero > .seconds(5))
    }

    @Test mutating func `A wake comes for it where nothing else happens`() throws {
        bench.start { $0.overrun = .seconds(1) }
        try bench.warmUp()
        _ = bench.arrive(1, within: .seconds(2))
        let due = bench.now.advanced(by: .seconds(3))
        var actions: [DispatchAction] = []
        bench.dispatcher.handle(.uploadFinished(RequestID(rawValue: 1)), at: bench.now, into: &actions)
        bench.dispatcher.handle(.tick, at: bench.now.advanced(by: .milliseconds(2500)), into: &actions)
        let wakes = actions.compactMap { if case .wake(let time) = $0 { time } else { nil } }
        #expect(wakes.contains { $0 >= due && $0 < due.advanced(by: .milliseconds(1)) })
    }

    @Test mutating func `Newcomers are refused while an end does not come, and admitted when it has`() throws {
        let order = try run([1])
        _ = bench.send(.tick, after: .milliseconds(2001))
        #expect(bench.rejection(bench.arrive(8, within: .seconds(60))) == nil)
        _ = bench.send(.tick, after: .milliseconds(1001))
        let refusal = try #require(bench.rejection(bench.arrive(9, within: .seconds(60))))
        #expect(refusal.code == .engineUnavailable)
        #expect(refusal.retryAfter != nil)
        _ = try bench.finish(order)
        #expect(bench.dispatcher.overrun(at: bench.now) == nil)
        #expect(bench.isAdmitted(bench.arrive(10, within: .seconds(60))))
    }

    @Test mutating func `A batch that all clients have left is ended without waiting for their deadlines`() throws {
        let order = try run([600])
        #expect(ended(bench.send(.cancelled(RequestID(rawValue: 0)), after: .milliseconds(500))).isEmpty)
        #expect(ended(bench.send(.tick, after: .milliseconds(999))).isEmpty)
        #expect(ended(bench.send(.tick, after: .milliseconds(2))) == [order.id])
    }

    @Test mutating func `One client that waits keeps its batch`() throws {
        bench.start { ($0.overrun, $0.policy, $0.batchingWindow) = (.seconds(1), .lru, .milliseconds(1)) }
        try warmUp()
        for id in UInt64(1)...2 {
            _ = bench.arrive(id, within: .seconds(id == 1 ? 1 : 9))
            _ = bench.send(.uploadFinished(RequestID(rawValue: id)))
        }
        let order = try #require(bench.run(bench.send(.tick, after: .milliseconds(2))))
        #expect(order.requests.count == 2)
        _ = bench.send(.cancelled(RequestID(rawValue: 1)))
        #expect(ended(bench.send(.tick, after: .milliseconds(9900))).isEmpty)
        #expect(ended(bench.send(.tick, after: .milliseconds(200))) == [order.id])
    }

    /// Makes `cat` resident where requests wait for their batching window.
    private mutating func warmUp() throws {
        let early = bench.load(bench.arrive(100))
        let uploaded = bench.send(.uploadFinished(RequestID(rawValue: 100)))
        let loaded = try bench.finish(early ?? bench.load(uploaded))
        _ = try bench.finish(bench.run(loaded) ?? bench.run(bench.send(.tick, after: .milliseconds(10))))
    }

    @Test(arguments: [true, false])
    mutating func `Where deadlines do not bind, a late batch has a time of its own`(observes: Bool) throws {
        bench.start {
            ($0.overrun, $0.unboundRunTime) = (.seconds(1), .seconds(10))
            ($0.policy, $0.runsExpired, $0.batchingWindow) = (.lru, true, .zero)
            if observes { ($0.policy, $0.mode, $0.runsExpired) = (.partial, .observe, false) }
        }
        try warmUp()
        _ = bench.arrive(1, within: .milliseconds(20))
        let started = bench.send(.uploadFinished(RequestID(rawValue: 1)), after: .seconds(3))
        let order = try #require(bench.run(started) ?? bench.run(bench.send(.tick, after: .milliseconds(1))))
        #expect(ended(bench.send(.tick, after: .milliseconds(10_900))).isEmpty)
        #expect(ended(bench.send(.tick, after: .milliseconds(200))) == [order.id])
    }

    @Test mutating func `Nothing is learned from a batch that was ended or that failed`() throws {
        let order = try run([2])
        let before = bench.dispatcher.modelEstimates
        let result = BatchResult(order: order.id, duration: .seconds(30), failed: order.requests, isTypical: false)
        _ = bench.send(.batchFinished(result), after: .seconds(30))
        #expect(bench.dispatcher.modelEstimates == before)
        #expect(bench.dispatcher.isIdle)
    }

    @Test mutating func `Without a limit nothing is ended`() throws {
        _ = try run([1]) { $0.overrun = nil }
        #expect(ended(bench.send(.tick, after: .seconds(3600))).isEmpty)
        #expect(bench.dispatcher.overrun(at: bench.now) == nil)
    }
}
