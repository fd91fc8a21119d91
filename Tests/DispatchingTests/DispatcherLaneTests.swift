import Dispatching
import ServingCore
import TestSupport
import Testing

/// Several batches at once: the same promises, and as many times the work.
struct DispatcherLaneTests {
    private static let catalog = DispatcherPropertyTests.catalog(families: 3, variants: 3)

    private func configuration(lanes: Int, memory: Int = 100_000_000) -> DispatcherConfiguration {
        var configuration = DispatcherConfiguration(memoryLimit: ByteCount(memory))
        configuration.lanes = lanes
        configuration.maximumBatchSize = 1
        return configuration
    }

    private func served(lanes: Int, seed: UInt64) -> Int {
        var server = SimulatedServer(configuration(lanes: lanes), Self.catalog, seed: seed)
        let load = DispatcherPropertyTests.Load(count: 1600, rate: 6000, deadlines: 0.05...0.2)
        DispatcherPropertyTests.offer(load, Self.catalog, to: &server, seed: seed)
        server.run()
        #expect(server.violations == [])
        return server.endings.values.count { $0 == .ran(late: false) }
    }

    @Test(arguments: UInt64(0)..<2)
    func `eight lanes that cost each other nothing serve at least seven times as many as one`(seed: UInt64) {
        let (one, eight) = (served(lanes: 1, seed: seed), served(lanes: 8, seed: seed))
        #expect(eight >= 7 * one, "\(eight) against \(one)")
    }

    @Test(arguments: UInt64(0)..<4, [2, 4])
    func `with accurate estimates fewer than one admitted request in a hundred is late or fails`(
        seed: UInt64,
        lanes: Int
    ) {
        // Memory for one or two models: batches of several lanes share what is loaded.
        var server = SimulatedServer(configuration(lanes: lanes, memory: 12_000_000), Self.catalog, seed: seed)
        let load = DispatcherPropertyTests.Load(count: 250, rate: 600)
        DispatcherPropertyTests.offer(load, Self.catalog, to: &server, seed: seed)
        server.run()
        #expect(server.violations == [], "seed \(seed)")
        let broken = server.endings.values.count { $0 != .ran(late: false) }
        #expect(Double(broken) <= 0.01 * Double(server.admitted.count), "seed \(seed): \(broken)")
        #expect(Set(server.batches.map(\.lane)).count == lanes, "seed \(seed)")
    }
}
