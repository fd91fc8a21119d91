import Dispatching
import ServingCore
import Testing

/// Batches name the form of the model that they are for, and forms are known as long as something needs them.
@Suite struct DispatcherFormTests {
    private static let (old, new) = (ModelForm(rawValue: 1), ModelForm(rawValue: 2))

    private func catalog(_ form: ModelForm, _ blocks: [ParameterBlock]) -> DispatchCatalog {
        DispatchCatalog(models: [
            DispatchCatalog.Model(id: DispatcherBench.cat, blocks: blocks, isBatchable: true, form: form)
        ])
    }

    private func batch(in actions: [DispatchAction]) -> BatchOrder? {
        for case .run(let order) in actions { return order }
        return nil
    }

    private func load(in actions: [DispatchAction]) -> LoadOrder? {
        for case .load(let order) in actions { return order }
        return nil
    }

    private func finish(_ order: LoadOrder) -> DispatchEvent {
        let blocks = order.load.map { ($0.id, LoadResult.Outcome.loaded(.milliseconds(1), size: nil)) }
        return .loadFinished(LoadResult(order: order.id, blocks: Dictionary(uniqueKeysWithValues: blocks)))
    }

    @Test func `what waits when its model changes runs in its old form, what comes after in the new one`() throws {
        var bench = DispatcherBench()
        _ = bench.send(.catalogChanged(catalog(Self.old, [DispatcherBench.backbone])))
        let first = try #require(load(in: bench.arrive(1)))
        _ = bench.send(.uploadFinished(RequestID(rawValue: 1)))
        #expect(bench.dispatcher.formsInUse == [Self.old])
        _ = bench.send(.catalogChanged(catalog(Self.new, [DispatcherBench.catHead])))
        #expect(bench.dispatcher.formsInUse == [Self.old])
        let order = try #require(batch(in: bench.send(finish(first))))
        #expect(order.form == Self.old)
        var after = bench.arrive(2)
        #expect(bench.dispatcher.formsInUse == [Self.old, Self.new])
        after += bench.send(
            .batchFinished(BatchResult(order: order.id, duration: .milliseconds(1), groupSizes: [1], failed: []))
        )
        after += bench.send(.uploadFinished(RequestID(rawValue: 2)))
        if let second = load(in: after) { after += bench.send(finish(second)) }
        #expect(batch(in: after)?.form == Self.new)
        #expect(bench.dispatcher.formsInUse == [Self.new])
    }

    @Test func `the same blocks in another form are another model`() throws {
        var bench = DispatcherBench()
        _ = bench.send(.catalogChanged(catalog(Self.old, [DispatcherBench.backbone])))
        _ = bench.send(.catalogChanged(catalog(Self.new, [DispatcherBench.backbone])))
        let first = try #require(load(in: bench.arrive(1)))
        _ = bench.send(.uploadFinished(RequestID(rawValue: 1)))
        #expect(batch(in: bench.send(finish(first)))?.form == Self.new)
    }
}
