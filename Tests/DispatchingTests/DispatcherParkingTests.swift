import Dispatching
import ServingCore
import TestSupport
import Testing

/// Requests whose body does not come hold nothing that others need.
struct DispatcherParkingTests {
    private static let models = ["a", "b"].map { name in
        DispatchCatalog.Model(
            id: ModelID(name: name, version: 1),
            blocks: [ParameterBlock(id: BlockID(name), size: 1_000_000)],
            isBatchable: true,
            compute: DispatchCatalog.Compute(baseSeconds: 2e-3, itemSeconds: 8e-3)
        )
    }

    /// Serves fifty requests a second for one model, for three seconds; with `ghosts`, a hundred heads a second for the other are never followed by
    /// a body, of which the gateway's reports tell.
    private func serve(ghosts: Bool, memory: ByteCount = 10_000_000) -> SimulatedServer {
        var configuration = DispatcherConfiguration(memoryLimit: memory)
        configuration.overloadLoadSpacing = 3
        var truth = SimulatedServer.Truth()
        (truth.baseSeconds, truth.itemSeconds) = (2e-3, 8e-3)
        truth.neverSends = Set((0..<300).map { RequestID(rawValue: 10_000 + $0) })
        var server = SimulatedServer(configuration, DispatchCatalog(models: Self.models), truth: truth)
        for index in 0..<UInt64(150) {
            server.arrive(index, Self.models[0].id, at: 0.02 * Double(index), within: 0.3)
        }
        for index in 0..<UInt64(ghosts ? 300 : 0) {
            server.arrive(10_000 + index, Self.models[1].id, at: 0.01 * Double(index), within: 4)
        }
        server.reportInterval = 0.025
        server.run()
        return server
    }

    @Test(arguments: [10_000_000, 1_500_000])
    func `heads without bodies take next to nothing from another model`(memory: ByteCount) {
        let server = serve(ghosts: true, memory: memory)
        #expect(server.violations == [])
        let served = server.endings.count { $0.key.rawValue < 10_000 && $0.value == .ran(late: false) }
        #expect(served >= 140, "\(served) of 150")
        // They are answered in their own time.
        #expect(server.endings.values.count { $0 == .failed(.requestTimeout) } >= 285)
        #expect(server.dispatcher.inFlightRequestCount == 0)
    }

    @Test func `a body that comes after a rest is served`() {
        let configuration = DispatcherConfiguration(memoryLimit: 10_000_000)
        var truth = SimulatedServer.Truth()
        truth.unpacedUploadSeconds = 0.9...1.1
        var server = SimulatedServer(configuration, DispatchCatalog(models: Self.models), truth: truth)
        server.reportInterval = 0.025
        for index in 0..<UInt64(20) { server.arrive(index, Self.models[0].id, at: 0.02 * Double(index), within: 5) }
        server.run()
        #expect(server.violations == [])
        #expect(server.dispatcher.counters.inTime == 20)
        #expect(server.dispatcher.queuedRequestCount == 0)
    }

    @Test func `a parked request leaves with its client, its body, or its model`() {
        var bench = DispatcherBench()
        for id in UInt64(1)...3 { _ = bench.arrive(id, within: .seconds(10)) }
        let reports = (UInt64(1)...3).map {
            UploadReport(id: RequestID(rawValue: $0), receivedBytes: 0, isHeld: false)
        }
        for _ in 0..<12 { _ = bench.send(.uploadsProgressed(reports), after: .milliseconds(25)) }
        #expect(bench.dispatcher.plannedBatches(at: bench.now).isEmpty)
        #expect(bench.dispatcher.queuedRequestCount == 3)
        _ = bench.send(.cancelled(RequestID(rawValue: 1)))
        _ = bench.send(.bodyRejected(RequestID(rawValue: 2)))
        #expect(bench.dispatcher.queuedRequestCount == 1)
        let catalog = DispatchCatalog(models: [DispatcherBench.catalog.models[1]])
        #expect(bench.failure(bench.send(.catalogChanged(catalog))) == .modelUnavailable)
        #expect(bench.dispatcher.inFlightRequestCount == 0)
    }
}
