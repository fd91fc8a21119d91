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
    private func serve(every milliseconds: Double, for seconds: Double, spacing: Double) -> SimulatedServer {
        var configuration = DispatcherConfiguration(memoryLimit: 10_000_000)
        (configuration.overloadLoadSpacing, configuration.overloadFairPart) = (spacing, 1)
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
        let before = serve(every: 0.25, for: 4, spacing: 0)
        let after = serve(every: 0.25, for: 4, spacing: 3)
        let (old, new) = (before.dispatcher.counters, after.dispatcher.counters)
        #expect(Double(new.inTime) > 0.97 * Double(old.inTime))
        #expect(new.loadedBytes <= old.loadedBytes)
        #expect(new.rejected[.queueFull, default: 0] > 0)
        #expect(old.rejected[.queueFull] == nil)
    }

    @Test func `where all can be served nothing changes`() {
        let before = serve(every: 12, for: 4, spacing: 0)
        let after = serve(every: 12, for: 4, spacing: 3)
        #expect(after.dispatcher.counters == before.dispatcher.counters)
        #expect(after.dispatcher.counters.rejected == [:])
    }

    /// Serves small and large models alike, six times as many as the executor can; how many of each were in time.
    private func serveTwoSizes(fairPart: Double) -> (small: Int, large: Int) {
        var configuration = DispatcherConfiguration(memoryLimit: 50_000_000)
        configuration.overloadFairPart = fairPart
        var truth = SimulatedServer.Truth()
        truth.itemSeconds = 2e-3
        var models = Self.models
        for index in models.indices {
            let isLarge = index >= 4
            models[index].compute = DispatchCatalog.Compute(baseSeconds: 2e-3, itemSeconds: isLarge ? 8e-3 : 2e-3)
            guard isLarge else { continue }
            truth.itemFactors[models[index].id] = 4
            // Models of the same shape are taken for alike.
            models[index].blocks = [ParameterBlock(id: BlockID("large\(index)"), size: 6_000_000)]
        }
        var server = SimulatedServer(configuration, DispatchCatalog(models: models), truth: truth)
        var random = SeededGenerator(seed: 5)
        var large: Set<RequestID> = []
        for index in 0..<2400 {
            let model = Int.random(in: 0..<8, using: &random)
            if model >= 4 { large.insert(RequestID(rawValue: UInt64(index))) }
            let within = Double.random(in: 0.1...0.3, using: &random)
            server.arrive(UInt64(index), models[model].id, at: Double(index) / 1200, within: within)
        }
        server.run()
        #expect(server.violations == [])
        let inTime = Set(server.endings.filter { $0.value == .ran(late: false) }.keys)
        return (inTime.subtracting(large).count, inTime.intersection(large).count)
    }

    @Test func `small models come first where not all can be served, and large ones have a part`() {
        let first = serveTwoSizes(fairPart: 1)
        let cheapest = serveTwoSizes(fairPart: 0)
        let fair = serveTwoSizes(fairPart: 0.2)
        #expect(Double(cheapest.small + cheapest.large) > 1.15 * Double(first.small + first.large))
        #expect(cheapest.large < first.large)
        #expect(fair.large > cheapest.large)
        #expect(fair.small + fair.large > first.small + first.large)
    }

    @Test func `every model is served some time`() {
        let server = serve(every: 0.25, for: 4, spacing: 3)
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

    /// Twice as much is asked for as can be served, all of it of the first model, and a request was turned away.
    private mutating func overload(_ change: (inout DispatcherConfiguration) -> Void = { _ in }) {
        var configuration = DispatcherBench.configuration { $0.overloadLoadSpacing = 3 }
        configuration.estimates.itemSeconds = 0.1
        change(&configuration)
        let models = Self.models + [Self.large]
        bench.dispatcher = Dispatcher(configuration: configuration, catalog: DispatchCatalog(models: models))
        for id in UInt64(1)...14 { #expect(bench.isAdmitted(arrive(id, 0))) }
        bench.dispatcher.shedder.noteTurnedAway(within: 2000, at: 0)
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
        // Three times what the load takes, times what is asked for in excess: as much again as can be done, at least.
        let load = bench.dispatcher.costs.loads.seconds(of: 2)
        #expect(wait > .seconds(load * 3) && wait < .seconds(load * 5))
        _ = bench.send(.tick, after: .seconds(load * 6))
        #expect(bench.isAdmitted(arrive(22, 2)))
    }

    @Test mutating func `under overload plans leave more free`() throws {
        #expect(Dispatcher(configuration: DispatcherBench.configuration(), catalog: DispatchCatalog()).caution == 1.5)
        overload()
        for _ in 0..<500 { bench.dispatcher.shedder.notePromiseKept(at: 0) }
        #expect(bench.dispatcher.shedder.promises.factor(at: 0) == 1)
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

    /// As ``overload(_:)``, and one of the requests is ready to run.
    private mutating func overloadAtWork(_ change: (inout DispatcherConfiguration) -> Void) {
        overload {
            $0.overloadLoadSpacing = 0
            change(&$0)
        }
        _ = bench.send(.uploadFinished(RequestID(rawValue: 1)))
    }

    /// What becomes of a request that costs four times as much.
    private mutating func askForLarge() -> ServingError? {
        bench.rejection(bench.arrive(50, Self.large.id, within: .seconds(1000)))
    }

    private static let large = DispatchCatalog.Model(
        id: ModelID(name: "large", version: 1),
        blocks: [ParameterBlock(id: BlockID("large"), size: 11)],
        isBatchable: true,
        compute: DispatchCatalog.Compute(baseSeconds: 0.002, itemSeconds: 0.4)
    )

    @Test mutating func `who costs more is refused while cheaper ones fill the executor`() throws {
        overloadAtWork { $0.overloadFairPart = 0 }
        let refusal = try #require(askForLarge())
        #expect(refusal.code == .queueFull)
        #expect(refusal.retryAfter != nil)
        #expect(bench.isAdmitted(arrive(51, 0)))
        #expect(bench.isAdmitted(arrive(52, 1)))
    }

    @Test mutating func `who costs more is taken in for its fair part`() {
        overloadAtWork { $0.overloadFairPart = 0.1 }
        #expect(askForLarge() == nil)
        #expect(bench.rejection(bench.arrive(53, Self.large.id, within: .seconds(1000)))?.code == .queueFull)
    }

    @Test mutating func `who costs more is taken in while the executor waits for work`() {
        overload { ($0.overloadLoadSpacing, $0.overloadFairPart) = (0, 0) }
        #expect(askForLarge() == nil)
    }

    @Test mutating func `whom admission refuses for want of uplink outbids nobody`() {
        bench.dispatcher = Dispatcher(
            configuration: DispatcherBench.configuration {
                ($0.uplink, $0.overloadFairPart) = (.rate(BitsPerSecond(1000)), 0)
                $0.estimates.itemSeconds = 0.1
            },
            catalog: DispatchCatalog(models: Self.models + [Self.large])
        )
        for id in UInt64(1)...40 {
            let refusal = bench.rejection(bench.arrive(id, Self.models[0].id, within: .seconds(9), bytes: 10_000))
            #expect(refusal?.code == .uplinkUnavailable)
        }
        #expect(bench.isAdmitted(bench.arrive(50, Self.large.id, within: .seconds(1000), bytes: 1)))
    }

    @Test mutating func `without an interval everybody in time is taken in`() {
        overload { $0.overloadLoadSpacing = 0 }
        for id in UInt64(20)...22 { #expect(bench.isAdmitted(arrive(id, Int(id % 3)))) }
    }
}
