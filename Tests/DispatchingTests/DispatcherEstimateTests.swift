import Dispatching
import ServingCore
import Testing

/// What is learned from what things take.
struct DispatcherEstimateTests {
    private var bench = DispatcherBench()

    @Test mutating func `a model twice as slow is believed within ten batches`() throws {
        try bench.warmUp()
        for id in UInt64(1)...10 {
            _ = bench.arrive(id)
            _ = try bench.finish(
                bench.run(bench.send(.uploadFinished(RequestID(rawValue: id)))),
                taking: .milliseconds(30)
            )
        }
        let estimate = try #require(bench.dispatcher.modelEstimates.first { $0.model == DispatcherBench.cat })
        let total = (estimate.base + estimate.item).inMilliseconds
        #expect(total > 27 && total < 33)
    }

    @Test mutating func `an estimate that refuses everything fades until somebody is let in`() throws {
        bench.start { $0.estimates.baseSeconds = 10 }
        #expect(bench.rejection(bench.arrive(1))?.code == .deadlineUnreachable)
        var tries = UInt64(2)
        while tries < 20 {
            bench.now = bench.now.advanced(by: .seconds(6))
            if bench.isAdmitted(bench.arrive(tries)) { break }
            tries += 1
        }
        #expect(tries < 10)
    }

    @Test mutating func `estimates start from what was measured before`() throws {
        var catalog = DispatcherBench.catalog
        for index in catalog.models.indices {
            catalog.models[index].compute = .init(baseSeconds: 100, itemSeconds: 1)
        }
        _ = bench.send(.catalogChanged(DispatchCatalog()))
        _ = bench.send(.catalogChanged(catalog))
        #expect(bench.rejection(bench.arrive(1))?.code == .deadlineUnreachable)
    }
}
