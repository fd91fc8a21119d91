import ServingCore
import Testing

@testable import Dispatching

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

    @Test mutating func `an estimate does not fade as long as nothing was refused for it`() throws {
        bench.start { $0.estimates.baseSeconds = 0.5 }
        bench.now = bench.now.advanced(by: .seconds(60))
        // Both fit alone; the second would have to wait too long for the first.
        #expect(bench.isAdmitted(bench.arrive(1, within: .seconds(1.2))))
        for id in UInt64(2)..<20 {
            let answer = bench.arrive(id, DispatcherBench.dog, within: .seconds(1.2))
            #expect(bench.rejection(answer)?.code == .deadlineUnreachable)
            bench.now = bench.now.advanced(by: .milliseconds(1))
        }
        let base = try #require(bench.dispatcher.modelEstimates.first { $0.model == DispatcherBench.dog }).base
        #expect(base.inSeconds == 0.5)
    }

    @Test mutating func `an estimate does not fade at the first request it refuses, long after the start`() throws {
        bench.start { $0.estimates.baseSeconds = 10 }
        bench.now = bench.now.advanced(by: .seconds(60))
        for id in UInt64(1)...5 { #expect(bench.rejection(bench.arrive(id))?.code == .deadlineUnreachable) }
        let base = try #require(bench.dispatcher.modelEstimates.first { $0.model == DispatcherBench.cat }).base
        #expect(base.inSeconds == 10)
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

    @Test mutating func `after a burst of broken promises and a rest, what fits its estimate is admitted`() throws {
        try bench.warmUp()
        // Batches take what is estimated, and promises are kept.
        for id in UInt64(1)...300 {
            _ = bench.arrive(id)
            _ = try bench.finish(bench.run(bench.send(.uploadFinished(RequestID(rawValue: id)))))
        }
        func estimates() -> [ModelEstimateView] {
            bench.dispatcher.modelEstimates.filter { $0.model == DispatcherBench.cat }
        }
        let quiet = try #require(estimates().first)
        for _ in 0..<30 { bench.dispatcher.shedder.notePromiseBroken(at: bench.now.seconds) }
        #expect(try #require(estimates().first).margin > 1.3 * quiet.margin)
        _ = bench.send(.tick, after: .seconds(600))
        let before = estimates()
        let seconds = before[0].base.inSeconds + before[0].item.inSeconds
        let slack = bench.dispatcher.configuration.safetySlack.inSeconds
        #expect(bench.isAdmitted(bench.arrive(1000, within: .seconds(1.3 * seconds + slack))))
        #expect(estimates() == before)
    }
}

extension MonotonicInstant {
    fileprivate var seconds: Double { MonotonicInstant.origin.seconds(to: self) }
}
