import Foundation
import TestSupport

/// nginx with a configuration of its own that answers every request with a fixed body of the same size.
struct NginxServer: BenchmarkServer {
    static let serverName = "nginx return 200"
    let name = NginxServer.serverName
    let url: String
    private let process: LiveGatewayProcess

    init(threads: Int, body: URL, folder: URL) async throws {
        let port = try LoopbackPort.free()
        let file = folder.appending(path: "nginx.conf")
        try Self.configuration(threads: threads, port: port, body: body, folder: folder)
            .write(to: file, atomically: true, encoding: .utf8)
        process = try LiveGatewayProcess(
            try Tool.find("nginx"),
            ["-c", file.path, "-p", folder.path, "-e", folder.appending(path: "error.log").path]
        )
        url = "http://127.0.0.1:\(port)/"
        try await LoopbackPort.waitUntilOpen(port, limit: .seconds(10))
    }

    func stop() async throws {
        process.terminate()
        _ = try await process.ended(limit: .seconds(10))
    }

    private static func configuration(threads: Int, port: Int, body: URL, folder: URL) throws -> String {
        guard let template = Bundle.module.url(forResource: "nginx", withExtension: "conf", subdirectory: "Scripts")
        else { throw BenchmarkFailure("nginx.conf is not beside this program; build it with swift build") }
        let words = [
            "WORKERS": "\(threads)", "PORT": "\(port)", "FOLDER": folder.path,
            "BODY": try String(contentsOf: body, encoding: .utf8),
        ]
        return try words.reduce(String(contentsOf: template, encoding: .utf8)) { text, word in
            text.replacingOccurrences(of: word.key, with: word.value)
        }
    }
}
