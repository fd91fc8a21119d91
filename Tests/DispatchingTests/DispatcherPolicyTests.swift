import Dispatching
import ServingCore
import TestSupport
import Testing

/// What the policies beside `partial` do differently.
struct DispatcherPolicyTests {
    private var bench = DispatcherBench()

    private mutating func start(
        _ policy: SchedulingPolicy,
        memory: ByteCount = 22,
        _ change: (inout DispatcherConfiguration) -> Void = { _ in }
    ) {
        let configuration = DispatcherBench.configuration {
            ($0.policy, $0.memoryLimit) = (policy, memory)
            change(&$0)
        }
        let catalog = DispatcherBench.catalog
        bench.dispatcher = Dispatcher(
            configuration: configuration,
            catalog: policy.sharesBlocks ? catalog : catalog.whole
        )
    }

    private mutating func upload(_ id: UInt64, after delay: Duration = .zero) -> BatchOrder? {
        bench.run(bench.send(.uploadFinished(RequestID(rawValue: id)), after: delay))
    }

    @Test mutating func `whole: a load brings in all of a model, and memory counts the copies of both`() throws {
        start(.whole)
        try bench.warmUp()
        let order = try #require(bench.load(bench.arrive(1, DispatcherBench.dog)))
        #expect(order.load.map(\.size) == [11])
        #expect(order.reusedBlocks == 0)
        #expect(bench.dispatcher.residentBytes == 22)
    }

    @Test mutating func `whole: with room for one, the other model is evicted whole`() throws {
        start(.whole, memory: 12)
        try bench.warmUp()
        let order = try #require(bench.load(bench.arrive(1, DispatcherBench.dog)))
        #expect(order.evict.count == 1)
        #expect(bench.dispatcher.residentBytes == 11)
    }

    @Test mutating func `lru: what cannot be in time is taken in, and answered 504 at its deadline`() throws {
        start(.lru)
        #expect(bench.isAdmitted(bench.arrive(1, within: .milliseconds(3))))
        _ = bench.send(.uploadFinished(RequestID(rawValue: 1)))
        #expect(bench.failure(bench.send(.tick, after: .milliseconds(2.9))) == nil)
        #expect(bench.failure(bench.send(.tick, after: .milliseconds(0.2))) == .deadlinePassed)
        #expect(bench.dispatcher.inFlightRequestCount == 0)
    }

    @Test(arguments: [SchedulingPolicy.lru, .edf])
    mutating func `what expired is run and counts as late, where so configured`(policy: SchedulingPolicy) throws {
        start(policy) { $0.runsExpired = true }
        _ = bench.arrive(1, within: .milliseconds(3))
        let load = bench.load(bench.send(.uploadFinished(RequestID(rawValue: 1))))
        #expect(bench.send(.tick, after: .milliseconds(20)) == [])
        let first = try bench.finish(load)
        let batch = try #require(bench.run(first) ?? bench.run(bench.send(.tick, after: .milliseconds(10))))
        #expect(batch.requests == [RequestID(rawValue: 1)])
        _ = try bench.finish(batch)
        #expect(bench.dispatcher.counters.late == 1)
        #expect(bench.dispatcher.counters.failed == 0)
    }

    @Test(arguments: [SchedulingPolicy.partial, .whole])
    mutating func `a planned policy gives up what cannot be in time, whatever lru may run`(policy: SchedulingPolicy) {
        start(policy) { $0.runsExpired = true }
        #expect(bench.isAdmitted(bench.arrive(1, within: .milliseconds(20))))
        _ = bench.send(.uploadFinished(RequestID(rawValue: 1)))
        #expect(bench.failure(bench.send(.tick, after: .milliseconds(30))) == .deadlinePassed)
    }

    @Test mutating func `lru: a batch waits for its window, and no longer`() throws {
        start(.lru)
        try warmUp()
        _ = bench.arrive(1)
        #expect(upload(1) == nil)
        _ = bench.arrive(2)
        #expect(upload(2, after: .milliseconds(3)) == nil)
        let batch = try #require(bench.run(bench.send(.tick, after: .milliseconds(2))))
        #expect(batch.requests.map(\.rawValue) == [1, 2])
    }

    @Test mutating func `lru: a full batch does not wait`() throws {
        start(.lru) { $0.maximumBatchSize = 2 }
        try warmUp()
        for id in UInt64(1)...3 { _ = bench.arrive(id) }
        #expect(upload(1) == nil)
        #expect(try #require(upload(2)).requests.count == 2)
    }

    @Test mutating func `edf: nothing waits for a window`() throws {
        start(.edf)
        try warmUp()
        _ = bench.arrive(1)
        #expect(upload(1) != nil)
    }

    @Test mutating func `edf: an earlier deadline in the body brings its batch forward`() throws {
        start(.edf)
        try warmUp()
        try warmUp(DispatcherBench.dog, 101)
        _ = bench.arrive(1)
        let first = try #require(upload(1))
        _ = bench.arrive(2, DispatcherBench.cat, within: .milliseconds(400))
        _ = bench.arrive(3, DispatcherBench.dog, within: .milliseconds(500))
        #expect(upload(2) == nil)
        let deadline = bench.now.advanced(by: .milliseconds(100))
        _ = bench.send(.uploadFinished(RequestID(rawValue: 3), deadline: deadline))
        #expect(bench.run(try bench.finish(first))?.model == DispatcherBench.dog)
    }

    @Test mutating func `edf: batches stand by one kind of deadline, however their uploads are paced`() throws {
        start(.edf) { ($0.uplink, $0.uploadReserve) = (.rate(BitsPerSecond(8e6)), .milliseconds(50)) }
        _ = bench.arrive(1, DispatcherBench.cat, within: .milliseconds(400))
        _ = bench.arrive(2, DispatcherBench.cat, within: .milliseconds(500))
        // Taken out again, a member leaves its batch with the deadline of the other.
        _ = bench.send(.cancelled(RequestID(rawValue: 1)))
        _ = bench.arrive(3, DispatcherBench.dog, within: .milliseconds(480))
        let plan = bench.dispatcher.plannedBatches(at: bench.now)
        #expect(plan.map(\.model) == [DispatcherBench.dog, DispatcherBench.cat])
    }

    @Test mutating func `edf: a later deadline in the body puts its batch back`() throws {
        start(.edf)
        try warmUp()
        try warmUp(DispatcherBench.dog, 101)
        _ = bench.arrive(1)
        let first = try #require(upload(1))
        _ = bench.arrive(2, DispatcherBench.cat, within: .milliseconds(400))
        _ = bench.arrive(3, DispatcherBench.dog, within: .milliseconds(500))
        #expect(upload(3) == nil)
        _ = bench.send(.uploadFinished(RequestID(rawValue: 2), deadline: bench.now.advanced(by: .seconds(3))))
        #expect(bench.run(try bench.finish(first))?.model == DispatcherBench.dog)
    }

    @Test(arguments: [SchedulingPolicy.lru, .edf])
    mutating func `the queue has a limit, and a model that never fits is refused`(policy: SchedulingPolicy) {
        start(policy) { $0.maximumQueuedRequests = 1 }
        #expect(bench.isAdmitted(bench.arrive(1)))
        #expect(bench.rejection(bench.arrive(2))?.code == .queueFull)
        start(policy, memory: 10)
        #expect(bench.rejection(bench.arrive(3))?.code == .memoryUnavailable)
        #expect(bench.rejection(bench.arrive(4, ModelID(name: "cow", version: 1)))?.code == .unknownModel)
    }

    @Test mutating func `lru: uploads share the uplink equally, whatever their deadlines`() {
        start(.lru) { ($0.uplink, $0.uplinkHeadroom) = (.rate(BitsPerSecond(8e6)), 0) }
        _ = bench.arrive(1, within: .seconds(9), bytes: 100_000)
        let second = bench.arrive(2, within: .milliseconds(200), bytes: 100_000)
        let rates = second.compactMap { if case .admit(_, let grant) = $0 { grant.rate?.rawValue } else { nil } }
        #expect(rates == [4e6])
        let lowered = bench.send(.tick, after: .milliseconds(2)).contains { action in
            guard case .setUploadRate(RequestID(rawValue: 1), let rate, _) = action else { return false }
            return abs((rate?.rawValue ?? 0) - 4e6) < 1
        }
        #expect(lowered)
    }

    /// Serves one request, so that its model is resident.
    private mutating func warmUp(_ model: ModelID = DispatcherBench.cat, _ id: UInt64 = 100) throws {
        _ = bench.arrive(id, model)
        var actions = try bench.finish(bench.load(bench.send(.uploadFinished(RequestID(rawValue: id)))))
        if bench.run(actions) == nil { actions = bench.send(.tick, after: .milliseconds(10)) }
        _ = try bench.finish(bench.run(actions))
    }
}

/// Orders and evictions of whole runs.
struct DispatcherPolicyOrderTests {
    private static let models = ["a", "b", "c"].map { name in
        DispatchCatalog.Model(
            id: ModelID(name: name, version: 1),
            blocks: [
                ParameterBlock(id: BlockID("\(name)0"), size: 6), ParameterBlock(id: BlockID("\(name)1"), size: 4),
            ],
            isBatchable: true
        )
    }

    /// Requests as (model, arrival in ms, deadline in ms), served with memory for so many models.
    private func serve(
        _ policy: SchedulingPolicy,
        models: Int,
        _ requests: [(model: Int, at: Double, within: Double)],
        runsExpired: Bool = false
    ) -> SimulatedServer {
        var configuration = DispatcherConfiguration(memoryLimit: ByteCount(10 * models))
        (configuration.policy, configuration.runsExpired) = (policy, runsExpired)
        var server = SimulatedServer(configuration, DispatchCatalog(models: Self.models))
        server.allowsLateStarts = runsExpired
        for (index, request) in requests.enumerated() {
            let model = Self.models[request.model].id
            server.arrive(UInt64(index), model, at: request.at / 1e3, within: request.within / 1e3)
        }
        server.run()
        #expect(server.violations == [])
        return server
    }

    private static let mixed: [(model: Int, at: Double, within: Double)] = [
        (0, 0, 500), (1, 0.1, 400), (2, 0.2, 300), (0, 0.3, 200),
    ]

    @Test func `lru: who came first is served first, others of its model with it`() {
        let server = serve(.lru, models: 1, Self.mixed)
        #expect(server.batches.map(\.model.name) == ["a", "b", "c"])
        #expect(server.batches.first?.requests.count == 2)
    }

    @Test func `edf: after what is under way the earliest deadline is served first`() {
        let later: [(model: Int, at: Double, within: Double)] = [
            (0, 0, 500), (1, 1.5, 400), (2, 1.6, 300),
        ]
        #expect(serve(.edf, models: 1, later).batches.map(\.model.name) == ["a", "c", "b"])
        #expect(serve(.lru, models: 1, later).batches.map(\.model.name) == ["a", "b", "c"])
    }

    @Test func `lru: the model that was asked for longest ago is evicted, all of it`() {
        let server = serve(.lru, models: 2, [(0, 0, 90), (1, 100, 90), (0, 200, 90), (2, 300, 90)])
        #expect(server.loads.map(\.evict) == [[], [], [BlockID("b0"), BlockID("b1")]])
        #expect(server.dispatcher.residentModels.map(\.name) == ["a", "c"])
    }

    @Test func `lru: what requests that came before wait for is not evicted`() {
        // While a computes, b comes in; c has to wait until a or b has run.
        let server = serve(.lru, models: 2, [(0, 0, 90), (1, 0.1, 90), (2, 0.2, 90)])
        #expect(server.endings.values.allSatisfy { $0 == .ran(late: false) })
        #expect(server.loads.count == 3)
    }

    @Test func `lru: in a queue that grows, running what expired serves fewer in time`() {
        let requests: [(model: Int, at: Double, within: Double)] = (0..<200).map { index in
            (model: index % 3, at: Double(index) * 0.8, within: 25)
        }
        let dropped = serve(.lru, models: 1, requests).dispatcher.counters
        let ran = serve(.lru, models: 1, requests, runsExpired: true).dispatcher.counters
        #expect(dropped.failed > 0 && dropped.inTime + dropped.late + dropped.failed == dropped.admitted)
        #expect(ran.failed == 0 && ran.inTime + ran.late == ran.admitted && ran.admitted == 200)
        #expect(ran.inTime < dropped.inTime)
    }

    @Test func `whole: a plan serves more than first come first served`() {
        let requests: [(model: Int, at: Double, within: Double)] = (0..<300).map { index in
            (model: index % 3, at: Double(index) * 1.2, within: 30)
        }
        func inTime(_ policy: SchedulingPolicy) -> Int {
            serve(policy, models: 1, requests).dispatcher.counters.inTime
        }
        #expect(inTime(.whole) >= inTime(.lru))
    }
}
