import Dispatching
import ServingCore
import TestSupport
import Testing

/// The mode in which verdicts are only reported.
struct DispatcherObservingTests {
    private var bench = DispatcherBench()

    private func grant(_ actions: [DispatchAction]) -> Grant? {
        for case .admit(_, let grant) in actions { return grant }
        return nil
    }

    private func setsRate(_ actions: [DispatchAction]) -> Bool {
        actions.contains { if case .setUploadRate = $0 { true } else { false } }
    }

    @Test mutating func `what would be refused is taken in, told, counted, and run`() throws {
        bench.start { $0.mode = .observe }
        let arrival = bench.arrive(1, within: .milliseconds(3))
        #expect(grant(arrival)?.observed?.refusal == .deadlineUnreachable)
        #expect(bench.dispatcher.counters.observed.refused == [.deadlineUnreachable: 1])
        #expect(bench.dispatcher.counters.rejectedTotal == 0)
        _ = bench.send(.uploadFinished(RequestID(rawValue: 1)), after: .milliseconds(5))
        _ = try bench.finish(bench.run(try bench.finish(bench.load(arrival))))
        #expect(bench.dispatcher.counters.late == 1)
        #expect(bench.dispatcher.isIdle)
    }

    @Test mutating func `what would be admitted is told so`() throws {
        bench.start { $0.mode = .observe }
        let observed = try #require(grant(bench.arrive(1))?.observed)
        #expect(observed.refusal == nil)
        bench.start { _ in }
        #expect(try #require(grant(bench.arrive(1))).observed == nil)
    }

    @Test mutating func `no upload is held back, and what it would have been granted is told`() throws {
        bench.start { ($0.mode, $0.uplink) = (.observe, .rate(BitsPerSecond(8e6))) }
        let first = bench.arrive(1, bytes: 100_000)
        #expect(grant(first)?.rate == nil)
        #expect((grant(first)?.observed?.rate?.rawValue ?? 0) > 7e6)
        #expect(!setsRate(bench.arrive(2, bytes: 100_000)))
        #expect(!setsRate(bench.send(.tick, after: .milliseconds(5))))
        #expect(!setsRate(bench.send(.uploadFinished(RequestID(rawValue: 1)), after: .milliseconds(10))))
    }

    @Test mutating func `an upload the uplink could not carry counts on none of it`() throws {
        bench.start { ($0.mode, $0.uplink) = (.observe, .rate(BitsPerSecond(8e6))) }
        for id in UInt64(1)...2 {
            let actions = bench.arrive(id, within: .milliseconds(200), bytes: 150_000)
            #expect(grant(actions)?.observed?.refusal == (id == 1 ? nil : .uplinkUnavailable))
        }
        #expect(grant(bench.arrive(3, within: .seconds(5), bytes: 10_000))?.observed?.refusal == nil)
    }

    @Test mutating func `what would be given up is counted once, and goes on`() throws {
        bench.start { $0.mode = .observe }
        try bench.warmUp()
        _ = bench.arrive(1, within: .milliseconds(50))
        for _ in 0..<3 { #expect(bench.failure(bench.send(.tick, after: .milliseconds(49))) == nil) }
        #expect(bench.dispatcher.counters.observed.givenUp == 1)
        #expect(bench.run(bench.send(.uploadFinished(RequestID(rawValue: 1)))) != nil)
    }

    @Test mutating func `a deadline in the body that is beyond reach is counted, and the request goes on`() throws {
        bench.start { $0.mode = .observe }
        try bench.warmUp()
        _ = bench.arrive(1)
        let tight = bench.now.advanced(by: .microseconds(10))
        let actions = bench.send(.uploadFinished(RequestID(rawValue: 1), deadline: tight))
        #expect(bench.failure(actions) == nil)
        #expect(bench.dispatcher.counters.observed.givenUp == 1)
        #expect(bench.run(actions) != nil)
    }

    @Test mutating func `an arrival right after a request was put behind all others is judged by a plan that holds it`()
        throws
    {
        bench.start { $0.mode = .observe }
        try bench.warmUp()
        for id in UInt64(1)...2 { _ = bench.arrive(id) }
        #expect(bench.run(bench.send(.uploadFinished(RequestID(rawValue: 2)))) != nil)
        let tight = bench.now.advanced(by: .microseconds(10))
        _ = bench.send(.uploadFinished(RequestID(rawValue: 1), deadline: tight))
        #expect(bench.dispatcher.counters.observed.givenUp == 1)
        #expect(grant(bench.arrive(3))?.observed?.refusal == nil)
    }

    @Test mutating func `limits that protect the gateway stay`() {
        bench.start { ($0.mode, $0.maximumQueuedRequests) = (.observe, 1) }
        _ = bench.arrive(1)
        #expect(bench.rejection(bench.arrive(2))?.code == .queueFull)
        bench.start { ($0.mode, $0.memoryLimit) = (.observe, 10) }
        #expect(bench.rejection(bench.arrive(3))?.code == .memoryUnavailable)
    }

    @Test(arguments: UInt64(0)..<8)
    func `what would be admitted is in time all the same, whatever else is taken in`(seed: UInt64) {
        var configuration = DispatcherConfiguration(memoryLimit: 6_500_000)
        (configuration.mode, configuration.maximumBatchSize) = (.observe, 8)
        let catalog = DispatcherPropertyTests.catalog(families: 3, variants: 3)
        var server = SimulatedServer(configuration, catalog, seed: seed)
        server.allowsLateStarts = true
        DispatcherPropertyTests.offer(.init(rate: 400), catalog, to: &server, seed: seed)
        server.run()
        let counters = server.dispatcher.counters
        let promised = counters.admitted - counters.observed.refusedTotal
        #expect(counters.observed.refusedTotal > 20)
        #expect(Double(counters.inTime) >= 0.99 * Double(promised), "\(counters.inTime) of \(promised)")
        #expect(counters.failed == 0 && counters.rejectedTotal == 0)
        #expect(server.endings.count == counters.admitted)
    }
}
