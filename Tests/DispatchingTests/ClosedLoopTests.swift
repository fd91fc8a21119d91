import Dispatching
import ServingCore
import TestSupport
import Testing

/// Clients that each wait for their answer before they ask again: nobody among them is ever turned away.
struct ClosedLoopTests {
    struct Loop: CustomTestStringConvertible {
        var clients: Int
        var models = 1
        var deadline = 120.0
        /// Whether the model is in memory, and was measured, before the clients come.
        var isWarm = true
        var isBatchable = true
        var rounds = 10

        var testDescription: String {
            "\(clients) clients, \(models) models, \(deadline) s, \(isWarm ? "warm" : "cold"), "
                + (isBatchable ? "batches" : "one by one")
        }
    }

    private static let loops: [Loop] = [1, 2, 6, 8, 16, 64].flatMap { clients in
        [
            Loop(clients: clients), Loop(clients: clients, isWarm: false), Loop(clients: clients, isBatchable: false),
            Loop(clients: clients, deadline: 10), Loop(clients: clients, models: 2, deadline: 10, isWarm: false),
            Loop(clients: clients, models: 3, isBatchable: false),
        ]
    }

    /// Models of 25 ms; where there are several, memory holds one of them less.
    private static func server(_ loop: Loop) -> SimulatedServer {
        let models = (0..<loop.models).map { number in
            DispatchCatalog.Model(
                id: ModelID(name: "m\(number)", version: 1),
                blocks: [ParameterBlock(id: BlockID("m\(number)"), size: ByteCount(1_000_000 + number))],
                isBatchable: loop.isBatchable
            )
        }
        var configuration = DispatcherConfiguration(memoryLimit: ByteCount(max(loop.models - 1, 1) * 1_100_000))
        configuration.overloadLoadSpacing = 3
        var truth = SimulatedServer.Truth()
        (truth.baseSeconds, truth.itemSeconds) = (loop.isBatchable ? 2e-3 : 0, 25e-3)
        return SimulatedServer(configuration, DispatchCatalog(models: models), truth: truth)
    }

    /// Lets the clients ask `rounds` times each.
    private static func run(_ loop: Loop) -> SimulatedServer {
        var server = server(loop)
        func model(_ client: UInt64) -> ModelID { ModelID(name: "m\(client % UInt64(loop.models))", version: 1) }
        if loop.isWarm {
            for round in 0..<UInt64(30) {
                server.arrive(10_000 + round, model(round), at: 0.2 * Double(round), within: 9)
            }
            server.run()
        }
        let start = server.now
        var left = Dictionary(uniqueKeysWithValues: (0..<UInt64(loop.clients)).map { ($0, loop.rounds - 1) })
        let clients = UInt64(loop.clients)
        server.whenEnded = { server, id in
            let client = id.rawValue % clients
            guard id.rawValue < 10_000, let rest = left[client], rest > 0 else { return }
            left[client] = rest - 1
            server.arrive(id.rawValue + clients, model(client), at: server.now + 1e-3, within: loop.deadline)
        }
        for client in 0..<clients { server.arrive(client, model(client), at: start, within: loop.deadline) }
        server.run()
        return server
    }

    @Test(arguments: loops)
    func `everybody is served`(loop: Loop) {
        let server = Self.run(loop)
        #expect(server.violations == [])
        #expect(server.rejected.count == 0, "of \(loop.clients * loop.rounds)")
        let sent = loop.clients * loop.rounds + (loop.isWarm ? 30 : 0)
        #expect(server.dispatcher.counters.inTime == sent)
    }
}
