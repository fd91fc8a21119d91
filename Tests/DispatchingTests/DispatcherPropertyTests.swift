import Dispatching
import LoadScheduling
import ServingCore
import TestSupport
import Testing

struct DispatcherPropertyTests {
    /// Models in families that share their lower blocks.
    static func catalog(families: Int, variants: Int, blockBytes: Int = 1_000_000) -> DispatchCatalog {
        var models: [DispatchCatalog.Model] = []
        for family in 0..<families {
            let shared = (0..<4).map { ParameterBlock(id: BlockID("f\(family).\($0)"), size: ByteCount(blockBytes)) }
            for variant in 0..<variants {
                let own = ParameterBlock(id: BlockID("f\(family).v\(variant)"), size: ByteCount(blockBytes))
                let id = ModelID(name: "f\(family)-v\(variant)", version: 1)
                models.append(DispatchCatalog.Model(id: id, blocks: shared + [own], isBatchable: variant != 0))
            }
        }
        return DispatchCatalog(models: models)
    }

    struct Load {
        var count = 250
        var rate = 200.0
        var deadlines: ClosedRange<Double> = 0.05...0.5
        var cancelRate = 0.0
    }

    static func offer(_ load: Load, _ catalog: DispatchCatalog, to server: inout SimulatedServer, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var time = 0.0
        for id in 0..<UInt64(load.count) {
            time += .random(in: 0...(2 / load.rate), using: &random)
            guard let model = catalog.models.randomElement(using: &random)?.id else { return }
            let deadline = Double.random(in: load.deadlines, using: &random)
            server.arrive(id, model, at: time, within: deadline)
            if .random(in: 0..<1, using: &random) < load.cancelRate {
                let after = Double.random(in: 0...0.3, using: &random)
                server.schedule(.cancelled(RequestID(rawValue: id)), at: time + after)
            }
        }
    }

    private func check(_ server: SimulatedServer, _ load: Load, _ note: Comment) {
        #expect(server.violations == [], note)
        #expect(server.admitted.count + server.rejected.count == load.count, note)
        #expect(server.endings.count == server.admitted.count, note)
        #expect(server.dispatcher.inFlightRequestCount == 0, note)
        let counters = server.dispatcher.counters
        #expect(counters.received == counters.admitted + counters.rejectedTotal, note)
        let ended = counters.inTime + counters.late + counters.failed + counters.cancelled + counters.malformed
        #expect(counters.admitted == ended, note)
    }

    @Test(arguments: UInt64(0)..<40)
    func `every admitted request ends exactly once and memory is never exceeded, whatever goes wrong`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let catalog = Self.catalog(
            families: .random(in: 1...4, using: &random),
            variants: .random(in: 1...4, using: &random)
        )
        let memory = Int.random(in: 5_000_000...14_000_000, using: &random)
        let uplinks: [UplinkConfiguration] = [.unpaced(), .rate(BitsPerSecond(4e6)), .rate(BitsPerSecond(1e9))]
        let uplink = uplinks.randomElement(using: &random) ?? .unpaced()
        var truth = SimulatedServer.Truth()
        truth.jitter = .random(in: 0...0.9, using: &random)
        truth.loadFailureRate = [0, 0.02, 0.2].randomElement(using: &random) ?? 0
        truth.stalledUploadRate = [0, 0.05].randomElement(using: &random) ?? 0
        truth.unpacedUploadSeconds = 0.0001...0.03
        truth.baseSeconds *= .random(in: 0.5...4, using: &random)
        var configuration = DispatcherConfiguration(memoryLimit: ByteCount(memory), uplink: uplink)
        configuration.lanes = [1, 1, 2, 5][Int(seed % 4)]
        var server = SimulatedServer(configuration, catalog, truth: truth, seed: seed)
        let load = Load(
            rate: .random(in: 20...600, using: &random),
            cancelRate: [0, 0.1].randomElement(using: &random) ?? 0
        )
        Self.offer(load, catalog, to: &server, seed: seed)
        server.run()
        check(server, load, "seed \(seed)")
    }

    @Test(arguments: UInt64(0)..<8, SchedulingPolicy.allCases)
    func `under every policy and mode every request ends exactly once`(seed: UInt64, policy: SchedulingPolicy) {
        var random = SeededGenerator(seed: seed)
        let shared = Self.catalog(families: 2, variants: 3)
        let catalog = policy.sharesBlocks ? shared : shared.whole
        let uplink: UplinkConfiguration = seed % 2 == 0 ? .unpaced() : .rate(BitsPerSecond(4e6))
        var configuration = DispatcherConfiguration(memoryLimit: 11_000_000, uplink: uplink)
        (configuration.policy, configuration.mode) = (policy, seed % 4 < 2 ? .enforce : .observe)
        configuration.lanes = [1, 3][Int(seed % 8 / 4)]
        var truth = SimulatedServer.Truth()
        (truth.jitter, truth.loadFailureRate) = (0.5, 0.02)
        var server = SimulatedServer(configuration, catalog, truth: truth, seed: seed)
        server.allowsLateStarts = configuration.mode == .observe
        let load = Load(rate: .random(in: 50...600, using: &random), cancelRate: 0.05)
        Self.offer(load, catalog, to: &server, seed: seed)
        server.run()
        check(server, load, "seed \(seed), \(policy)")
    }

    @Test(arguments: UInt64(0)..<10, [5_000_000, 7_500_000])
    func `a planner on another thread breaks no promise, and its plans are used`(seed: UInt64, memory: Int) {
        let catalog = Self.catalog(families: 3, variants: 3)
        var configuration = DispatcherConfiguration(memoryLimit: ByteCount(memory))
        configuration.maximumBatchSize = 8
        var server = SimulatedServer(configuration, catalog, seed: seed)
        server.solve = { task in
            let result = GreedyScheduler().solve(task.problem, limits: .none)
            return PlanningResult(task: task, schedule: result.schedule)
        }
        let load = Load(rate: 500)
        Self.offer(load, catalog, to: &server, seed: seed)
        server.run()
        check(server, load, "seed \(seed)")
        let broken = server.endings.values.count { $0 != .ran(late: false) }
        #expect(Double(broken) <= 0.01 * Double(server.admitted.count), "seed \(seed): \(broken)")
        #expect(server.plansSolved > 0)
    }

    @Test(arguments: UInt64(0)..<10, [5_000_000, 6_500_000, 12_000_000])
    func `with accurate estimates fewer than one admitted request in a hundred is late or fails`(
        seed: UInt64,
        memory: Int
    ) {
        checkPromises(seed, DispatcherConfiguration(memoryLimit: ByteCount(memory)))
    }

    @Test(arguments: UInt64(0)..<10, [2.0e6, 4e6])
    func `with accurate estimates and a paced uplink, too`(seed: UInt64, rate: Double) {
        let uplink = UplinkConfiguration.rate(BitsPerSecond(rate))
        checkPromises(seed, DispatcherConfiguration(memoryLimit: 8_000_000, uplink: uplink))
    }

    private func checkPromises(_ seed: UInt64, _ configuration: DispatcherConfiguration) {
        let catalog = Self.catalog(families: 3, variants: 3)
        var configuration = configuration
        configuration.maximumBatchSize = 8
        var server = SimulatedServer(configuration, catalog, seed: seed)
        let load = Load(rate: 300)
        Self.offer(load, catalog, to: &server, seed: seed)
        server.run()
        check(server, load, "seed \(seed)")
        let broken = server.endings.values.count { $0 != .ran(late: false) }
        #expect(Double(broken) <= 0.01 * Double(server.admitted.count), "\(broken) of \(server.admitted.count)")
        #expect(server.admitted.count > 20, "seed \(seed)")
    }
}
