import Dispatching
import LoadScheduling
import ServingCore
import TestSupport
import Testing

/// Pins and requests that come at the same time: what is admitted can run, whichever was first.
struct DispatcherClaimTests {
    private var bench = DispatcherBench()
    private static let cow = ModelID(name: "cow", version: 1)
    private static let catalog = DispatchCatalog(
        models: DispatcherBench.catalog.models + [
            DispatchCatalog.Model(
                id: cow,
                blocks: [ParameterBlock(id: BlockID("cow"), size: 9)],
                isBatchable: true
            )
        ]
    )

    private mutating func start(_ policy: SchedulingPolicy) {
        var configuration = DispatcherBench.configuration()
        configuration.policy = policy
        bench.dispatcher = Dispatcher(configuration: configuration, catalog: Self.catalog)
    }

    @Test(arguments: [SchedulingPolicy.partial, .lru, .edf])
    mutating func `a request that does not fit beside a pin under way is refused at once`(
        policy: SchedulingPolicy
    ) throws {
        start(policy)
        let load = bench.load(bench.send(.pin(Self.cow)))
        #expect(bench.rejection(bench.arrive(1))?.code == .memoryUnavailable)
        #expect(try bench.finish(load).contains(.pinned(Self.cow)))
        // Nothing stands in the way of those that fit.
        #expect(bench.isAdmitted(bench.arrive(2, Self.cow)))
    }

    @Test mutating func `a pin that fails gives back what it claimed`() throws {
        start(.partial)
        _ = try bench.finish(bench.load(bench.send(.pin(Self.cow))), failing: true)
        #expect(bench.isAdmitted(bench.arrive(1)))
    }

    @Test mutating func `an unpin gives back what was claimed, before the load and after it`() throws {
        start(.partial)
        let load = bench.load(bench.send(.pin(Self.cow)))
        _ = bench.send(.unpin(Self.cow))
        #expect(bench.isAdmitted(bench.arrive(1)))
        _ = try bench.finish(load)
        _ = bench.send(.cancelled(RequestID(rawValue: 1)))
        start(.partial)
        _ = try bench.finish(bench.load(bench.send(.pin(Self.cow))))
        _ = bench.send(.unpin(Self.cow))
        #expect(bench.isAdmitted(bench.arrive(2)))
    }

    @Test mutating func `what there turns out to be no memory for beside a pinned model fails at once`() throws {
        start(.partial)
        _ = try bench.finish(bench.load(bench.send(.pin(DispatcherBench.dog))))
        let load = try #require(bench.load(bench.arrive(1)))
        let outcome = LoadResult.Outcome.loaded(.milliseconds(1), size: 9)
        let result = LoadResult(order: load.id, blocks: [DispatcherBench.catHead.id: outcome])
        #expect(bench.failure(bench.send(.loadFinished(result))) == .memoryUnavailable)
        #expect(bench.isAdmitted(bench.arrive(2, DispatcherBench.dog)))
    }

    /// Pins, unpins and requests at random, with far more time for each than it takes.
    private func serve(_ policy: SchedulingPolicy, seed: UInt64) -> SimulatedServer {
        var random = SeededGenerator(seed: seed)
        let shared = DispatcherPropertyTests.catalog(families: 3, variants: 3)
        let catalog = policy.sharesBlocks ? shared : shared.whole
        let memory = Int.random(in: 6_000_000...13_000_000, using: &random)
        var configuration = DispatcherConfiguration(memoryLimit: ByteCount(memory))
        configuration.policy = policy
        var server = SimulatedServer(configuration, catalog, seed: seed)
        let models = catalog.models.map(\.id)
        var time = 0.0
        for id in 0..<UInt64(300) {
            time += .random(in: 0...0.02, using: &random)
            guard let model = models.randomElement(using: &random) else { break }
            server.arrive(id, model, at: time, within: 20)
            guard Bool.random(using: &random), let other = models.randomElement(using: &random) else { continue }
            let after = Double.random(in: 0...0.01, using: &random)
            server.schedule(Bool.random(using: &random) ? .pin(other) : .unpin(other), at: time + after)
        }
        server.run()
        return server
    }

    @Test(arguments: UInt64(0)..<12, [SchedulingPolicy.partial, .whole, .lru, .edf])
    func `whatever is admitted beside pins and unpins runs`(seed: UInt64, policy: SchedulingPolicy) {
        let server = serve(policy, seed: seed)
        #expect(server.violations == [])
        #expect(server.endings.count == server.admitted.count)
        let failed = server.endings.values.filter { $0 != .ran(late: false) }
        #expect(failed.isEmpty, "\(failed.count) of \(server.admitted.count)")
        #expect(server.admitted.count > 50)
        #expect(server.rejected.values.allSatisfy { $0.code == .memoryUnavailable })
    }
}
