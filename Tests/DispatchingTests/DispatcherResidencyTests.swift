import ServingCore
import Testing

@testable import Dispatching

/// What the loader says is in memory counts, not what the dispatcher thought.
struct DispatcherResidencyTests {
    private var bench = DispatcherBench()

    @Test mutating func `a block that could not be evicted is in memory still, and can be evicted later`() throws {
        bench.start { $0.memoryLimit = 11 }
        try bench.warmUp()
        let order = try #require(bench.load(bench.arrive(1, DispatcherBench.dog)))
        #expect(order.evict == [DispatcherBench.catHead.id])
        let refused = LoadResult(
            order: order.id,
            blocks: [:],
            resident: [DispatcherBench.backbone.id: 10, DispatcherBench.catHead.id: 1],
            failure: ServingError(.memoryUnavailable, "in use")
        )
        let again = bench.send(.loadFinished(refused))
        #expect(bench.failure(again) == nil)
        #expect(bench.load(again)?.evict == [DispatcherBench.catHead.id])
        _ = try bench.finish(bench.load(again))
        #expect(bench.dispatcher.residentBytes == 11)
        #expect(bench.run(bench.send(.uploadFinished(RequestID(rawValue: 1))))?.model == DispatcherBench.dog)
    }

    private static let cow = ParameterBlock(id: BlockID("cow"), size: 1)
    private static let catalog = DispatchCatalog(
        models: DispatcherBench.catalog.models + [
            DispatchCatalog.Model(id: ModelID(name: "cow", version: 1), blocks: [cow], isBatchable: true)
        ]
    )

    /// Serves one request.
    private mutating func serve(_ id: UInt64, _ model: ModelID) throws {
        let load = bench.load(bench.arrive(id, model))
        _ = bench.send(.uploadFinished(RequestID(rawValue: id)))
        _ = try bench.finish(bench.run(try bench.finish(load)))
    }

    @Test mutating func `a block that a batch keeps from being evicted is not tried again before it ends`() throws {
        bench.dispatcher = Dispatcher(configuration: DispatcherBench.configuration(), catalog: Self.catalog)
        try serve(1, Self.catalog.models[2].id)
        try serve(2, DispatcherBench.cat)
        _ = bench.arrive(3)
        let batch = bench.run(bench.send(.uploadFinished(RequestID(rawValue: 3))))
        let order = try #require(bench.load(bench.arrive(4, DispatcherBench.dog)))
        #expect(order.evict == [Self.cow.id])
        let refused = LoadResult(
            order: order.id,
            blocks: [:],
            resident: [DispatcherBench.backbone.id: 10, DispatcherBench.catHead.id: 1, Self.cow.id: 1],
            failure: ServingError(.memoryUnavailable, "in use")
        )
        #expect(bench.load(bench.send(.loadFinished(refused))) == nil)
        #expect(bench.dispatcher.counters.loadRetries == 0)
        let next = try #require(bench.load(try bench.finish(batch)))
        #expect(next.load == [DispatcherBench.dogHead])
        #expect(!next.evict.isEmpty)
    }

    @Test mutating func `what only the loader knew of counts, and goes first`() throws {
        bench.start { $0.memoryLimit = 11 }
        let stray = BlockID("stray")
        let order = try #require(bench.load(bench.arrive(1)))
        let report = LoadResult(
            order: order.id,
            blocks: [:],
            resident: [stray: 5],
            failure: ServingError(.memoryUnavailable, "no room")
        )
        let again = bench.load(bench.send(.loadFinished(report)))
        #expect(again?.evict == [stray])
        #expect(bench.dispatcher.residentBytes == 11)
    }

    @Test mutating func `a block that was in memory already counts as loaded`() throws {
        let order = try #require(bench.load(bench.arrive(1)))
        let result = LoadResult(
            order: order.id,
            blocks: [DispatcherBench.catHead.id: .loaded(.milliseconds(1), size: 1)],
            resident: [DispatcherBench.backbone.id: 10, DispatcherBench.catHead.id: 1]
        )
        _ = bench.send(.loadFinished(result))
        #expect(bench.run(bench.send(.uploadFinished(RequestID(rawValue: 1)))) != nil)
        #expect(bench.dispatcher.counters.loadRetries == 0)
    }
}
