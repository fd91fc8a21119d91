import ServingCore
import TestSupport
import Testing

@testable import Dispatching

/// What is taken in when far more is asked for than can be served.
struct DispatcherOverloadTests {
    private static let models = (0..<8).map { number in
        DispatchCatalog.Model(
            id: ModelID(name: "m\(number)", version: 1),
            blocks: [ParameterBlock(id: BlockID("m\(number)"), size: 5_000_000)],
            isBatchable: true
        )
    }

    /// Serves one arrival every so many milliseconds, of all models in turn or at random, with memory for two of them.
    private func serve(every milliseconds: Double, for seconds: Double, interval: Duration) -> SimulatedServer {
        var configuration = DispatcherConfiguration(memoryLimit: 10_000_000)
        configuration.overloadLoadInterval = interval
        var truth = SimulatedServer.Truth()
        (truth.baseSeconds, truth.itemSeconds) = (4e-3, 1e-3)
        var server = SimulatedServer(configuration, DispatchCatalog(models: Self.models), truth: truth)
        var random = SeededGenerator(seed: 3)
        for index in 0..<Int(seconds * 1000 / milliseconds) {
            let model = Self.models[Int.random(in: 0..<8, using: &random)].id
            let within = Double.random(in: 0.1...0.3, using: &random)
            server.arrive(UInt64(index), model, at: Double(index) * milliseconds / 1000, within: within)
        }
        server.run()
        #expect(server.violations == [])
        return server
    }

    @Test func `under overload, more are served where loads come one after the other, and nobody is late for it`() {
        let before = serve(every: 0.25, for: 4, interval: .zero)
        let after = serve(every: 0.25, for: 4, interval: .milliseconds(20))
        let (old, new) = (before.dispatcher.counters, after.dispatcher.counters)
        #expect(new.inTime > old.inTime)
        #expect(new.loadedBytes < old.loadedBytes / 2)
        #expect(new.late + new.failed <= old.late + old.failed)
        #expect(new.rejected[.queueFull, default: 0] > 0)
        #expect(old.rejected[.queueFull] == nil)
    }

    @Test func `where all can be served nothing changes`() {
        let before = serve(every: 12, for: 4, interval: .zero)
        let after = serve(every: 12, for: 4, interval: .milliseconds(20))
        #expect(after.dispatcher.counters == before.dispatcher.counters)
        #expect(after.dispatcher.counters.rejected == [:])
    }

    @Test func `every model is served some time`() {
        let server = serve(every: 0.25, for: 4, interval: .milliseconds(20))
        #expect(Set(server.batches.map(\.model)).count == Self.models.count)
    }
}
