import Dispatching
import ServingCore
import TestSupport
import Testing

/// What is kept to those who were admitted, and said to those for whom it cannot be.
struct DispatcherPromiseTests {
    private var bench = DispatcherBench()

    @Test mutating func `who waits behind a batch that does not end is answered when that is known`() throws {
        try bench.warmUp()
        _ = bench.arrive(1)
        #expect(bench.run(bench.send(.uploadFinished(RequestID(rawValue: 1)))) != nil)
        #expect(bench.isAdmitted(bench.arrive(2, within: .milliseconds(40))))
        _ = bench.send(.uploadFinished(RequestID(rawValue: 2)))
        // Its own 3 ms of computing have to begin before the deadline.
        #expect(bench.failure(bench.send(.tick, after: .milliseconds(36.5))) == nil)
        #expect(bench.failure(bench.send(.tick, after: .milliseconds(1))) == .deadlinePassed)
    }

    @Test mutating func `who waits for a load that does not end is answered when that is known`() throws {
        try bench.warmUp()
        #expect(bench.isAdmitted(bench.arrive(1, DispatcherBench.dog, within: .milliseconds(40))))
        _ = bench.send(.uploadFinished(RequestID(rawValue: 1)))
        #expect(bench.failure(bench.send(.tick, after: .milliseconds(36.5))) == nil)
        #expect(bench.failure(bench.send(.tick, after: .milliseconds(1))) == .deadlinePassed)
    }

    @Test mutating func `the dispatcher asks to be woken when that will be known`() throws {
        try bench.warmUp()
        var actions: [DispatchAction] = []
        let arrival = Arrival(
            id: RequestID(rawValue: 1),
            model: DispatcherBench.cat,
            bodyBytes: 1000,
            deadline: bench.now.advanced(by: .milliseconds(40))
        )
        bench.dispatcher.handle(.arrived(arrival), at: bench.now, into: &actions)
        let wakes = actions.compactMap { if case .wake(let time) = $0 { time } else { nil } }
        let first = try #require(wakes.min())
        #expect(first.seconds(to: bench.now.advanced(by: .milliseconds(37))) >= -1e-3)
    }

    @Test mutating func `a wake asked for while an older one was due is asked for again at its tick`() throws {
        func wake(_ event: DispatchEvent, after delay: Duration) -> MonotonicInstant? {
            bench.now = bench.now.advanced(by: delay)
            var actions: [DispatchAction] = []
            bench.dispatcher.handle(event, at: bench.now, into: &actions)
            return actions.lazy.compactMap { if case .wake(let time) = $0 { time } else { nil } }.last
        }
        try bench.warmUp()
        _ = bench.arrive(1, within: .milliseconds(40))
        let arrival = Arrival(
            id: RequestID(rawValue: 2),
            model: DispatcherBench.cat,
            bodyBytes: 1000,
            deadline: bench.now.advanced(by: .milliseconds(200))
        )
        // The first is past due when this arrives; an alarm that has not rung yet ignores the later time.
        let asked = try #require(wake(.arrived(arrival), after: .milliseconds(38)))
        #expect(wake(.tick, after: .microseconds(1)) == asked)
    }

    /// One set of requests, alone and with newcomers that come when all of it is admitted.
    private func serve(seed: UInt64, newcomers: Int) -> SimulatedServer {
        let catalog = DispatcherPropertyTests.catalog(families: 3, variants: 3)
        var configuration = DispatcherConfiguration(memoryLimit: 6_500_000)
        configuration.maximumBatchSize = 8
        var server = SimulatedServer(configuration, catalog, seed: seed)
        var random = SeededGenerator(seed: seed)
        for id in 0..<UInt64(60 + newcomers) {
            guard let model = catalog.models.randomElement(using: &random)?.id else { continue }
            let time = id < 60 ? Double(id) * 2e-3 : 0.12 + Double(id - 60) * 0.2e-3
            server.arrive(id, model, at: time, within: .random(in: 0.1...0.5, using: &random))
        }
        server.run()
        return server
    }

    @Test(arguments: UInt64(0)..<12)
    func `an admitted request is never dropped for a newcomer`(seed: UInt64) {
        let (alone, crowded) = (serve(seed: seed, newcomers: 0), serve(seed: seed, newcomers: 600))
        #expect(crowded.rejected.count > 200)
        for id in alone.admitted where alone.endings[id] == .ran(late: false) {
            #expect(crowded.endings[id] == .ran(late: false), "\(id)")
        }
    }
}
