import Foundation
import TestSupport

/// A server under load.
protocol BenchmarkServer: Sendable {
    /// Its name in the table.
    var name: String { get }
    /// Where infer requests are posted.
    var url: String { get }
    /// Ends it.
    func stop() async throws
}

/// A failure that says in one line what to do.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The bare libmicrohttpd handler, built beside this program.
struct BareServer: BenchmarkServer {
    static let serverName = "bare libmicrohttpd"
    let name = BareServer.serverName
    let url: String
    private let process: LiveGatewayProcess

    init(threads: Int) async throws {
        let program = LiveGatewayPaths.gateway.deletingLastPathComponent().appending(path: "BareHandler")
        process = try LiveGatewayProcess(program, ["\(threads)"])
        let port = try await process.line(startingWith: "listening on 127.0.0.1:", limit: .seconds(10))
        url = "http://127.0.0.1:\(port)/"
    }

    func stop() async throws {
        process.terminate()
        _ = try await process.ended(limit: .seconds(10))
    }
}

/// `gateway serve` with the model that does nothing.
struct GatewayServer: BenchmarkServer {
    static let serverName = "gateway"
    let name = GatewayServer.serverName
    let url: String
    private let gateway: LiveGateway

    init(threads: Int, folder: URL) async throws {
        let store = folder.appending(path: "store")
        guard let model = Bundle.module.url(forResource: "noop", withExtension: "onnx", subdirectory: "Models") else {
            throw BenchmarkFailure("the model noop.onnx is not beside this program; build it with swift build")
        }
        let imported = try await LiveGatewayProcess.run(
            LiveGatewayPaths.gateway,
            ["import", model.path, "--name", "noop", "--store", store.path]
        )
        guard imported.status == 0 else { throw BenchmarkFailure("gateway import: \(imported.errorOutput)") }
        gateway = try await LiveGateway(["--threads", "\(threads)", "--log-level", "error"], store: store)
        url = "\(gateway.url)/v2/models/noop/infer"
    }

    func stop() async throws { _ = try await gateway.stop() }
}
