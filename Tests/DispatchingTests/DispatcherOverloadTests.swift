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

    @Test func `where loads cost the executor nothing, to load one after the other costs nothing either`() {
        let before = serve(every: 0.25, for: 4, interval: .zero)
        let after = serve(every: 0.25, for: 4, interval: .milliseconds(20))
        let (old, new) = (before.dispatcher.counters, after.dispatcher.counters)
        #expect(Double(new.inTime) > 0.97 * Double(old.inTime))
        #expect(new.loadedBytes <= old.loadedBytes)
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

/// Who is taken in under overload, one arrival at a time; there is memory for one of three models.
struct DispatcherOverloadVerdictTests {
    private var bench = DispatcherBench()
    private static let models = ["a", "b", "c"].map { name in
        DispatchCatalog.Model(
            id: ModelID(name: name, version: 1),
            blocks: [ParameterBlock(id: BlockID(name), size: 10)],
            isBatchable: true
        )
    }

    /// Twice as much is asked for as can be served, all of it of the first model.
    private mutating func overload(_ change: (inout DispatcherConfiguration) -> Void = { _ in }) {
        var configuration = DispatcherBench.configuration { $0.overloadLoadInterval = .milliseconds(40) }
        configuration.estimates.itemSeconds = 0.1
        change(&configuration)
        bench.dispatcher = Dispatcher(configuration: configuration, catalog: DispatchCatalog(models: Self.models))
        for id in UInt64(1)...14 { #expect(bench.isAdmitted(arrive(id, 0))) }
    }

    private mutating func arrive(_ id: UInt64, _ model: Int) -> [DispatchAction] {
        bench.arrive(id, Self.models[model].id, within: .seconds(1000))
    }

    @Test mutating func `one batch that needs a load is opened, the next is refused until its turn`() throws {
        overload()
        #expect(bench.isAdmitted(arrive(20, 1)))
        let refusal = try #require(bench.rejection(arrive(21, 2)))
        #expect(refusal.code == .queueFull)
        let wait = try #require(refusal.retryAfter)
        #expect(wait > .milliseconds(40) && wait < .milliseconds(60))
        _ = bench.send(.tick, after: .milliseconds(70))
        #expect(bench.isAdmitted(arrive(22, 2)))
    }

    @Test mutating func `under overload plans leave more free`() throws {
        #expect(Dispatcher(configuration: DispatcherBench.configuration(), catalog: DispatchCatalog()).caution == 1.5)
        overload()
        for _ in 0..<500 { bench.dispatcher.promises.noteKept(at: 0) }
        #expect(bench.dispatcher.promises.factor == 1)
        #expect(bench.dispatcher.caution == 1.3)
        _ = bench.send(.tick, after: .seconds(60))
        #expect(bench.dispatcher.caution == 1)
    }

    @Test mutating func `whose batch waits but cannot take it in gets none of its own`() throws {
        overload()
        // The batch of fourteen that waits takes more than a second; alone, one takes a tenth.
        #expect(bench.rejection(bench.arrive(20, Self.models[0].id, within: .seconds(1)))?.code == .deadlineUnreachable)
        _ = bench.send(.tick, after: .seconds(60))
        #expect(bench.isAdmitted(bench.arrive(21, Self.models[0].id, within: .seconds(1))))
    }

    @Test mutating func `whose batch waits is taken in all the same`() {
        overload()
        #expect(bench.isAdmitted(arrive(20, 1)))
        #expect(bench.isAdmitted(arrive(21, 1)))
        #expect(bench.isAdmitted(arrive(22, 0)))
    }

    @Test(arguments: [SchedulingPolicy.lru, .edf])
    mutating func `policies without a plan refuse nothing by it`(policy: SchedulingPolicy) {
        overload { $0.policy = policy }
        for id in UInt64(20)...22 { #expect(bench.isAdmitted(arrive(id, Int(id % 3)))) }
    }

    @Test mutating func `what is only observed is taken in`() {
        overload { $0.mode = .observe }
        for id in UInt64(20)...22 { #expect(bench.isAdmitted(arrive(id, Int(id % 3)))) }
    }

    @Test mutating func `without an interval everybody in time is taken in`() {
        overload { $0.overloadLoadInterval = .zero }
        for id in UInt64(20)...22 { #expect(bench.isAdmitted(arrive(id, Int(id % 3)))) }
    }
}
