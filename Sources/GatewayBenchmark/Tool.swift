import Foundation
import TestSupport

/// Programs the benchmark runs.
enum Tool {
    /// The program, from the PATH, the places a PATH may lack, or where the set-up unpacks it.
    ///
    /// - Throws: ``BenchmarkFailure`` that names the program and what brings it.
    static func find(_ name: String) throws -> URL {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders =
            path.split(separator: ":").map { URL(filePath: String($0)) }
            + [URL(filePath: "/usr/sbin"), LiveGatewayPaths.root.appending(path: ".deps/bin")]
        let found = folders.map { $0.appending(path: name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
        guard let found else { throw BenchmarkFailure("\(name) is missing: make bench sets it up") }
        return found
    }
}

/// The run's own folder, removed at exit.
enum Scratch {
    /// Makes a new one.
    static func folder() throws -> URL { try LiveGatewayFolders.make() }
}

/// One request before the load, to see that the server answers as it should.
enum Probe {
    static func expectAnswer(from server: any BenchmarkServer, to body: URL) async throws {
        let answer = try await LiveGatewayProcess.run(
            try Tool.find("curl"),
            ["-sS", "--fail-with-body", "--noproxy", "*", "--data-binary", "@\(body.path)", server.url],
            limit: .seconds(20)
        )
        guard answer.status == 0, answer.output.utf8.count >= InferBody.size / 2 else {
            throw BenchmarkFailure("\(server.name) does not answer: \(answer.output) \(answer.errorOutput)")
        }
    }
}
