import ArgumentParser
import Foundation

/// The cost of the path itself: `gateway serve` with a model that does nothing, beside a bare libmicrohttpd handler and
/// beside nginx, all on loopback with the same load.
@main
struct GatewayBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "GatewayBenchmark",
        abstract: "Requests/s and latency of the gateway's path beside a bare libmicrohttpd handler and nginx."
    )

    @Option(help: "Rounds; in each, every server is measured once.") var rounds = 5
    @Option(help: "Seconds of one measurement.") var seconds = 4
    @Option(help: "Connections that wrk keeps open.") var connections = 64
    @Option(help: "Threads of wrk.") var loadThreads = 1
    @Option(help: "Threads of each server.") var serverThreads = ProcessInfo.processInfo.activeProcessorCount
    @Option(help: "The least requests/s as a part of the bare handler's; below it, exit status 1.") var atLeast = 0.0

    func validate() throws {
        guard (1...1000).contains(rounds), (1...600).contains(seconds) else {
            throw ValidationError("--rounds goes from 1 to 1000, --seconds from 1 to 600")
        }
        guard loadThreads >= 1, connections >= loadThreads, serverThreads >= 1 else {
            throw ValidationError("--load-threads and --server-threads start at 1, --connections at --load-threads")
        }
    }

    func run() async throws {
        let folder = try Scratch.folder()
        let body = try InferBody.write(to: folder)
        let load = Load(
            wrk: try Tool.find("wrk"),
            body: body,
            threads: loadThreads,
            connections: connections
        )
        var servers: [any BenchmarkServer] = []
        let table: FigureTable
        do {
            try await start(&servers, body: body, in: folder)
            table = try await measure(servers, load)
        } catch {
            // nginx's workers outlive a master that is killed, so every server is asked to end.
            for server in servers { try? await server.stop() }
            throw error
        }
        for server in servers { try await server.stop() }
        print(table.text)
        try check(table)
    }

    private func start(_ servers: inout [any BenchmarkServer], body: URL, in folder: URL) async throws {
        servers.append(try await BareServer(threads: serverThreads))
        servers.append(try await NginxServer(threads: serverThreads, body: body, folder: folder))
        servers.append(try await GatewayServer(threads: serverThreads, folder: folder))
        for server in servers { try await Probe.expectAnswer(from: server, to: body) }
    }

    /// In turn, so that a change of the machine's mood meets all servers alike; the first second of each does not count.
    private func measure(_ servers: [any BenchmarkServer], _ load: Load) async throws -> FigureTable {
        var table = FigureTable(names: servers.map(\.name))
        for server in servers { _ = try await load.measure(server.url, seconds: 1) }
        for round in 1...rounds {
            for server in servers {
                let figures = try await load.measure(server.url, seconds: seconds)
                table.add(figures, of: server.name)
                log("round \(round) of \(rounds): \(server.name) \(Int(figures.requestsPerSecond)) requests/s")
            }
        }
        return table
    }

    private func check(_ table: FigureTable) throws {
        let part = table.ratio(of: GatewayServer.serverName, to: BareServer.serverName)
        guard part < atLeast else { return }
        log("the gateway reaches \(part) of the bare handler, --at-least asks for \(atLeast)")
        throw ExitCode.failure
    }

    private func log(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
