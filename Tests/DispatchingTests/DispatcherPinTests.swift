import Dispatching
import ServingCore
import Testing

/// Models that are to stay, and models that go.
struct DispatcherPinTests {
    private var bench = DispatcherBench()

    @Test mutating func `a pinned model is loaded, stays, and goes when it is unpinned`() throws {
        bench.start { $0.memoryLimit = 11 }
        let pinned = try bench.finish(bench.load(bench.send(.pin(DispatcherBench.cat))))
        #expect(pinned.contains(.pinned(DispatcherBench.cat)))
        #expect(bench.dispatcher.pinnedModels == [DispatcherBench.cat])
        #expect(bench.rejection(bench.arrive(1, DispatcherBench.dog))?.code == .memoryUnavailable)
        let unpinned = bench.send(.unpin(DispatcherBench.cat))
        #expect(unpinned.contains(.unpinned(DispatcherBench.cat)))
        #expect(bench.load(unpinned)?.evict == [DispatcherBench.backbone.id, DispatcherBench.catHead.id])
        #expect(bench.dispatcher.residentBytes == 0)
    }

    @Test mutating func `a model that is unpinned while its batch runs goes when the batch has ended`() throws {
        let load = bench.load(bench.arrive(1))
        _ = bench.send(.uploadFinished(RequestID(rawValue: 1)))
        let batch = bench.run(try bench.finish(load))
        #expect(bench.load(bench.send(.unpin(DispatcherBench.cat))) == nil)
        let evicted = bench.load(try bench.finish(batch))?.evict
        #expect(evicted == [DispatcherBench.backbone.id, DispatcherBench.catHead.id])
        #expect(bench.dispatcher.residentBytes == 0)
    }

    @Test mutating func `a pin that cannot be is answered`() throws {
        func error(_ actions: [DispatchAction]) -> ServingError.Code? {
            for case .pinFailed(_, let error) in actions { return error.code }
            return nil
        }
        #expect(error(bench.send(.pin(ModelID(name: "cow", version: 1)))) == .unknownModel)
        #expect(
            error(try bench.finish(bench.load(bench.send(.pin(DispatcherBench.cat))), failing: true)) == .engineFailed
        )
        bench.start { $0.memoryLimit = 11 }
        _ = bench.arrive(1, DispatcherBench.dog)
        #expect(error(bench.send(.pin(DispatcherBench.cat))) == .memoryUnavailable)
    }

    @Test mutating func `models that leave the catalog fail those who wait for them`() throws {
        _ = bench.arrive(1)
        let catalog = DispatchCatalog(models: [DispatcherBench.catalog.models[1]])
        #expect(bench.failure(bench.send(.catalogChanged(catalog))) == .modelUnavailable)
        #expect(bench.rejection(bench.arrive(2))?.code == .unknownModel)
        #expect(bench.isAdmitted(bench.arrive(3, DispatcherBench.dog)))
    }

    /// The catalog with another cut of `cat`.
    private func cutDifferently() -> DispatchCatalog {
        var models = DispatcherBench.catalog.models
        for index in models.indices where models[index].id == DispatcherBench.cat { models[index].blocks = [Self.cut] }
        return DispatchCatalog(models: models)
    }

    private static let cut = ParameterBlock(id: BlockID("cut"), size: 2)

    @Test mutating func `a model whose blocks are cut differently goes on serving those who wait`() throws {
        let first = bench.load(bench.arrive(1))
        #expect(bench.failure(bench.send(.catalogChanged(cutDifferently()))) == nil)
        _ = try bench.finish(first)
        #expect(bench.run(bench.send(.uploadFinished(RequestID(rawValue: 1)))) != nil)
        let next = bench.load(bench.arrive(2))
        #expect(next?.load.map(\.id) != [DispatcherBench.backbone.id, DispatcherBench.catHead.id])
    }

    @Test mutating func `a pinned model whose blocks are cut differently stays pinned`() throws {
        _ = try bench.finish(bench.load(bench.send(.pin(DispatcherBench.cat))))
        let order = bench.load(bench.send(.catalogChanged(cutDifferently())))
        #expect(order?.load == [Self.cut])
        _ = try bench.finish(order)
        #expect(bench.dispatcher.pinnedModels == [DispatcherBench.cat])
    }
}
