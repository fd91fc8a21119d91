import Dispatching
import ServingCore
import TestSupport
import Testing

/// One event at a time, on a hand-wound clock.
struct DispatcherTests {
    private var dispatcher: Dispatcher
    private var now = MonotonicInstant.origin
    private static let cat = ModelID(name: "cat", version: 1)
    private static let dog = ModelID(name: "dog", version: 1)
    private static let backbone = ParameterBlock(id: BlockID("backbone"), size: 10)
    private static let catHead = ParameterBlock(id: BlockID("cat.head"), size: 1)
    private static let dogHead = ParameterBlock(id: BlockID("dog.head"), size: 1)
    private static let catalog = DispatchCatalog(models: [
        DispatchCatalog.Model(id: cat, blocks: [backbone, catHead], isBatchable: true),
        DispatchCatalog.Model(id: dog, blocks: [backbone, dogHead], isBatchable: true),
    ])

    init() {
        dispatcher = Dispatcher(configuration: Self.configuration(), catalog: Self.catalog)
    }

    private static func configuration(_ change: (inout DispatcherConfiguration) -> Void = { _ in })
        -> DispatcherConfiguration
    {
        var configuration = DispatcherConfiguration(memoryLimit: 12)
        change(&configuration)
        return configuration
    }

    private mutating func start(_ change: (inout DispatcherConfiguration) -> Void) {
        dispatcher = Dispatcher(configuration: Self.configuration(change), catalog: Self.catalog)
    }

    private mutating func send(_ event: DispatchEvent, after delay: Duration = .zero) -> [DispatchAction] {
        now = now.advanced(by: delay)
        var actions: [DispatchAction] = []
        dispatcher.handle(event, at: now, into: &actions)
        return actions.filter { if case .wake = $0 { false } else { true } }
    }

    private mutating func arrive(
        _ id: UInt64,
        _ model: ModelID = cat,
        within deadline: Duration = .seconds(1),
        bytes: Int = 1000
    ) -> [DispatchAction] {
        send(
            .arrived(
                Arrival(
                    id: RequestID(rawValue: id),
                    model: model,
                    bodyBytes: ByteCount(bytes),
                    deadline: now.advanced(by: deadline)
                )
            )
        )
    }

    private func rejection(_ actions: [DispatchAction]) -> ServingError? {
        for case .reject(_, let error) in actions { return error }
        return nil
    }

    private func failure(_ actions: [DispatchAction]) -> ServingError.Code? {
        for case .fail(_, let error) in actions { return error.code }
        return nil
    }

    private func load(_ actions: [DispatchAction]) -> LoadOrder? {
        for case .load(let order) in actions { return order }
        return nil
    }

    private func run(_ actions: [DispatchAction]) -> BatchOrder? {
        for case .run(let order) in actions { return order }
        return nil
    }

    private func isAdmitted(_ actions: [DispatchAction]) -> Bool {
        actions.contains { if case .admit = $0 { true } else { false } }
    }

    private mutating func finish(_ order: LoadOrder?, failing: Bool = false) throws -> [DispatchAction] {
        let order = try #require(order)
        let failure = LoadResult.Outcome.failed(ServingError(.engineFailed, "broken file"))
        let outcomes = order.load.map { ($0.id, failing ? failure : .loaded(.milliseconds(1), size: nil)) }
        let result = LoadResult(order: order.id, blocks: Dictionary(uniqueKeysWithValues: outcomes))
        return send(.loadFinished(result), after: .milliseconds(1))
    }

    private mutating func finish(_ order: BatchOrder?, taking duration: Duration = .milliseconds(3)) throws
        -> [DispatchAction]
    {
        send(.batchFinished(BatchResult(order: try #require(order).id, duration: duration)), after: duration)
    }

    /// Makes `cat` resident by serving request 100.
    private mutating func warmUp() throws {
        let load = load(arrive(100))
        _ = send(.uploadFinished(RequestID(rawValue: 100)))
        _ = try finish(run(try finish(load)))
    }

    @Test
    mutating func `a request is admitted, its blocks are loaded while it uploads, and it runs when both are done`()
        throws
    {
        let first = arrive(1)
        #expect(isAdmitted(first))
        let order = try #require(load(first))
        #expect(order.load == [Self.backbone, Self.catHead])
        #expect(order.evict == [])
        #expect(run(try finish(order)) == nil)
        let batch = try #require(run(send(.uploadFinished(RequestID(rawValue: 1)))))
        #expect(batch.requests == [RequestID(rawValue: 1)])
        #expect(batch.loadedBlocks == 2)
        #expect(batch.loadedBytes == 11)
        #expect(batch.loadDuration == .milliseconds(2))
        _ = try finish(batch)
        #expect(dispatcher.counters.inTime == 1)
        #expect(dispatcher.isIdle)
    }

    @Test mutating func `only what the next model lacks is loaded, and the order says what was reused`() throws {
        try warmUp()
        let order = try #require(load(arrive(1, Self.dog)))
        #expect(order.load == [Self.dogHead])
        #expect(order.reusedBlocks == 1)
        _ = try finish(order)
        let batch = try #require(run(send(.uploadFinished(RequestID(rawValue: 1)))))
        #expect(batch.reusedBlocks == 1)
        #expect(batch.loadedBlocks == 1)
        #expect(batch.reusedBytes == 10)
    }

    @Test mutating func `room is made by evicting what nobody waits for, never the backbone in use`() throws {
        start { $0.memoryLimit = 11 }
        try warmUp()
        let order = try #require(load(arrive(1, Self.dog)))
        #expect(order.evict == [Self.catHead.id])
        #expect(dispatcher.residentBytes == 11)
    }

    @Test mutating func `refusals name their reason`() throws {
        #expect(rejection(arrive(1, ModelID(name: "cow", version: 1)))?.code == .unknownModel)
        let tight = rejection(arrive(2, within: .milliseconds(3)))
        #expect(tight?.code == .deadlineUnreachable)
        #expect(tight?.breakdown != nil)
        start { $0.memoryLimit = 10 }
        #expect(rejection(arrive(3))?.code == .memoryUnavailable)
        start { $0.maximumQueuedRequests = 1 }
        #expect(isAdmitted(arrive(4)))
        #expect(rejection(arrive(5))?.code == .queueFull)
        _ = send(.drain)
        #expect(rejection(arrive(6))?.code == .draining)
        #expect(dispatcher.counters.rejected == [.queueFull: 1, .draining: 1])
    }

    @Test mutating func `requests of one model that are ready together run together`() throws {
        try warmUp()
        let first = arrive(1)
        #expect(run(first) == nil)
        let alone = try #require(run(send(.uploadFinished(RequestID(rawValue: 1)))))
        for id in UInt64(2)...4 {
            _ = arrive(id)
            #expect(run(send(.uploadFinished(RequestID(rawValue: id)))) == nil)
        }
        let together = try #require(run(try finish(alone)))
        #expect(together.requests.count == 3)
    }

    @Test mutating func `a batch is never over its limit`() throws {
        start { $0.maximumBatchSize = 2 }
        try warmUp()
        _ = arrive(1)
        let first = try #require(run(send(.uploadFinished(RequestID(rawValue: 1)))))
        for id in UInt64(2)...6 {
            _ = arrive(id)
            _ = send(.uploadFinished(RequestID(rawValue: id)))
        }
        #expect(try #require(run(try finish(first))).requests.count == 2)
    }

    @Test mutating func `a request cancelled while it waits is gone, while it runs it is only counted`() throws {
        try warmUp()
        _ = arrive(1)
        #expect(send(.cancelled(RequestID(rawValue: 1))) == [])
        #expect(dispatcher.inFlightRequestCount == 0)
        _ = arrive(2)
        let batch = run(send(.uploadFinished(RequestID(rawValue: 2))))
        _ = send(.cancelled(RequestID(rawValue: 2)))
        _ = try finish(batch)
        #expect(dispatcher.counters.cancelled == 2)
        #expect(dispatcher.counters.inTime == 1)
    }

    @Test mutating func `a malformed body leaves without a word`() throws {
        _ = arrive(1)
        #expect(send(.bodyRejected(RequestID(rawValue: 1))).isEmpty)
        #expect(dispatcher.counters.malformed == 1)
        #expect(dispatcher.queuedRequestCount == 0)
    }

    @Test mutating func `a deadline tightened in the body is kept to, or fails at once`() throws {
        try warmUp()
        _ = arrive(1)
        #expect(send(.deadlineTightened(RequestID(rawValue: 1), now.advanced(by: .milliseconds(100)))) == [])
        let deadline = try #require(dispatcher.request(RequestID(rawValue: 1))?.deadline)
        #expect(abs(deadline.seconds(to: now.advanced(by: .milliseconds(100)))) < 1e-8)
        let actions = send(.deadlineTightened(RequestID(rawValue: 1), now.advanced(by: .microseconds(10))))
        #expect(failure(actions) == .deadlineUnreachable)
        #expect(dispatcher.inFlightRequestCount == 0)
    }

    @Test mutating func `an upload that is not over in time fails as soon as that is known`() throws {
        try warmUp()
        _ = arrive(1, within: .milliseconds(50))
        #expect(failure(send(.tick, after: .milliseconds(40))) == nil)
        #expect(failure(send(.tick, after: .milliseconds(9.5))) == .deadlinePassed)
        #expect(dispatcher.counters.failed == 1)
    }

    @Test mutating func `a load that fails fails the requests that wait for it, and the next one tries again`() throws {
        let actions = try finish(load(arrive(1)), failing: true)
        #expect(failure(actions) == .engineFailed)
        #expect(dispatcher.residentBytes == 0)
        #expect(load(arrive(2)) != nil)
    }

    @Test mutating func `a pinned model is loaded, stays, and goes when it is unpinned`() throws {
        start { $0.memoryLimit = 11 }
        let pinned = try finish(load(send(.pin(Self.cat))))
        #expect(pinned.contains(.pinned(Self.cat)))
        #expect(dispatcher.pinnedModels == [Self.cat])
        #expect(rejection(arrive(1, Self.dog))?.code == .memoryUnavailable)
        let unpinned = send(.unpin(Self.cat))
        #expect(unpinned.contains(.unpinned(Self.cat)))
        #expect(load(unpinned)?.evict == [Self.backbone.id, Self.catHead.id])
        #expect(dispatcher.residentBytes == 0)
    }

    @Test mutating func `a pin that cannot be is answered`() throws {
        func error(_ actions: [DispatchAction]) -> ServingError.Code? {
            for case .pinFailed(_, let error) in actions { return error.code }
            return nil
        }
        #expect(error(send(.pin(ModelID(name: "cow", version: 1)))) == .unknownModel)
        #expect(error(try finish(load(send(.pin(Self.cat))), failing: true)) == .engineFailed)
        start { $0.memoryLimit = 11 }
        _ = arrive(1, Self.dog)
        #expect(error(send(.pin(Self.cat))) == .memoryUnavailable)
    }

    @Test mutating func `models that leave the catalog fail those who wait for them`() throws {
        _ = arrive(1)
        let catalog = DispatchCatalog(models: [Self.catalog.models[1]])
        #expect(failure(send(.catalogChanged(catalog))) == .modelUnavailable)
        #expect(rejection(arrive(2))?.code == .unknownModel)
        #expect(isAdmitted(arrive(3, Self.dog)))
    }

    @Test mutating func `a model whose blocks are cut differently goes on serving those who wait`() throws {
        let first = load(arrive(1))
        var models = Self.catalog.models
        let cut = ParameterBlock(id: BlockID("cut"), size: 2)
        for index in models.indices where models[index].id == Self.cat { models[index].blocks = [cut] }
        #expect(failure(send(.catalogChanged(DispatchCatalog(models: models)))) == nil)
        _ = try finish(first)
        #expect(run(send(.uploadFinished(RequestID(rawValue: 1)))) != nil)
        #expect(load(arrive(2))?.load.map(\.id) != [Self.backbone.id, Self.catHead.id])
    }

    @Test mutating func `a pinned model whose blocks are cut differently stays pinned`() throws {
        _ = try finish(load(send(.pin(Self.cat))))
        var models = Self.catalog.models
        let cut = ParameterBlock(id: BlockID("cut"), size: 2)
        for index in models.indices where models[index].id == Self.cat { models[index].blocks = [cut] }
        let order = load(send(.catalogChanged(DispatchCatalog(models: models))))
        #expect(order?.load == [cut])
        _ = try finish(order)
        #expect(dispatcher.pinnedModels == [Self.cat])
    }

    @Test mutating func `estimates start from what was measured before`() throws {
        var catalog = Self.catalog
        for index in catalog.models.indices {
            catalog.models[index].compute = .init(baseSeconds: 100, itemSeconds: 1)
        }
        _ = send(.catalogChanged(DispatchCatalog()))
        _ = send(.catalogChanged(catalog))
        #expect(rejection(arrive(1))?.code == .deadlineUnreachable)
    }

    @Test mutating func `uploads share the uplink and get more when another ends`() throws {
        start { $0.uplink = .rate(BitsPerSecond(8e6)) }
        func rate(_ actions: [DispatchAction]) -> Double? {
            for case .admit(_, let grant) in actions { return grant.rate?.rawValue }
            return nil
        }
        #expect(abs((rate(arrive(1, bytes: 100_000)) ?? 0) - 8e6 * 0.97) < 1)
        now = now.advanced(by: .milliseconds(10))
        let second = rate(arrive(2, bytes: 100_000)) ?? 0
        #expect(second > 3e6 && second < 5e6)
        #expect((dispatcher.allocatedUplink?.rawValue ?? .infinity) <= 8e6 * 1.001)
        let actions = send(.uploadFinished(RequestID(rawValue: 1)), after: .milliseconds(10))
        let raised = actions.contains {
            if case .setUploadRate(RequestID(rawValue: 2), let rate) = $0 { rate?.rawValue ?? 0 > 7.9e6 } else { false }
        }
        #expect(raised)
    }

    @Test mutating func `an uplink that is promised away refuses`() throws {
        start { $0.uplink = .rate(BitsPerSecond(8e6)) }
        #expect(isAdmitted(arrive(1, within: .milliseconds(200), bytes: 150_000)))
        #expect(rejection(arrive(2, within: .milliseconds(200), bytes: 150_000))?.code == .uplinkUnavailable)
    }

    @Test mutating func `a model twice as slow is believed within ten batches`() throws {
        try warmUp()
        for id in UInt64(1)...10 {
            _ = arrive(id)
            _ = try finish(run(send(.uploadFinished(RequestID(rawValue: id)))), taking: .milliseconds(30))
        }
        let estimate = try #require(dispatcher.modelEstimates.first { $0.model == Self.cat })
        let total = (estimate.base + estimate.item).inMilliseconds
        #expect(total > 27 && total < 33)
    }

    @Test mutating func `an estimate that refuses everything fades until somebody is let in`() throws {
        start { $0.estimates.baseSeconds = 10 }
        #expect(rejection(arrive(1))?.code == .deadlineUnreachable)
        var tries = UInt64(2)
        while tries < 20 {
            now = now.advanced(by: .seconds(6))
            if isAdmitted(arrive(tries)) { break }
            tries += 1
        }
        #expect(tries < 10)
    }

    @Test mutating func `unknown and repeated reports change nothing`() throws {
        try warmUp()
        #expect(send(.uploadFinished(RequestID(rawValue: 77))) == [])
        #expect(send(.cancelled(RequestID(rawValue: 77))) == [])
        #expect(send(.loadFinished(LoadResult(order: OrderID(rawValue: 99), blocks: [:]))) == [])
        #expect(send(.batchFinished(BatchResult(order: OrderID(rawValue: 99), duration: .zero))) == [])
        #expect(send(.planned(PlanningResult(number: 5, batches: []))) == [])
        #expect(dispatcher.isIdle)
    }

    @Test mutating func `the plan can be looked at`() throws {
        _ = arrive(1)
        _ = arrive(2, Self.dog)
        let plan = dispatcher.plannedBatches(at: now)
        #expect(plan.map(\.model) == [Self.cat, Self.dog])
        #expect(plan[0].finish <= plan[1].start)
        #expect(plan[1].missingBlocks == 1)
        #expect(dispatcher.blocks.count { $0.residency == .loading } == 2)
        #expect(dispatcher.request(RequestID(rawValue: 2))?.phase == .uploading)
    }
}
