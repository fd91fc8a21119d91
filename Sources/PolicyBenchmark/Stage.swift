import Foundation
import TestSupport

/// Plays a trace against a fresh gateway.
struct Stage {
    let zoo: ZooStore
    let memoryBytes: Int
    let keys: [String]

    /// One trace under one policy.
    func play(_ play: Play, by contender: Contender, setting: Setting) async throws -> PolicyResult {
        let folder = try LiveGatewayFolders.make()
        let store = play.importsVersions ? try copyOfStore(in: folder) : zoo.store
        let gateway = try await start(contender, play, store, folder)
        let report = folder.appending(path: "report.json")
        let before = Processor(gateway.processID)
        async let imports: Void = importVersions(play, into: store, gateway)
        _ = try await ZooStore.gateway([
            "replay", play.trace.path, "--url", gateway.url, "--speed", "\(play.speed)", "--report", report.path,
        ])
        try await imports
        let after = Processor(gateway.processID)
        let client = try Self.decoder.decode(ReplayFigures.self, from: Data(contentsOf: report))
        let server = try await Self.status(of: gateway)
        let scrape = try await Self.send("GET", "\(gateway.url)/metrics")
        _ = try await gateway.stop()
        return PolicyResult(
            policy: contender.name,
            setting: setting,
            client: client,
            server: server,
            ownRefusalP99: SampledHistogram("gateway_refusal_duration_seconds", in: scrape).bound(ofPart: 0.99),
            plannerShare: (after.planner - before.planner) / max(after.time - before.time, 1e-9),
            processorShare: (after.process - before.process) / max(after.time - before.time, 1e-9)
        )
    }

    private func start(
        _ contender: Contender,
        _ play: Play,
        _ store: URL,
        _ folder: URL
    ) async throws -> LiveGateway {
        let file = folder.appending(path: "gateway.yaml")
        try Self.configuration(keys + contender.keys).write(to: file, atomically: true, encoding: .utf8)
        var arguments = ["--config", file.path, "--memory-bytes", "\(memoryBytes)", "--log-level", "error"]
        arguments += ["--policy", contender.policy]
        if let hertz = play.uplinkHertz { arguments += ["--uplink-hz", "\(hertz)"] }
        return try await LiveGateway(arguments, store: store)
    }

    /// The further keys, grouped by section as YAML wants them.
    private static func configuration(_ keys: [String]) -> String {
        var sections: [String: [String]] = ["log": ["level: error"]]
        for key in keys {
            let parts = key.split(separator: "=")
            let path = parts[0].split(separator: ".")
            sections[String(path[0]), default: []].append("\(path.dropFirst().joined(separator: ".")): \(parts[1])")
        }
        return sections.sorted { $0.key < $1.key }
            .map { "\($0.key):\n" + $0.value.map { "  \($0)\n" }.joined() }.joined()
    }

    /// A store that may be written to; blocks are linked, not copied.
    private func copyOfStore(in folder: URL) throws -> URL {
        let copy = folder.appending(path: "store")
        let process = Process()
        process.executableURL = URL(filePath: "/bin/cp")
        process.arguments = ["-al", zoo.store.path, copy.path]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchmarkFailure("the store cannot be linked to \(copy.path)")
        }
        return copy
    }

    /// Imports a second version of one model of each depth while the trace is played, and has the gateway take it up.
    private func importVersions(_ play: Play, into store: URL, _ gateway: LiveGateway) async throws {
        guard play.importsVersions else { return }
        for version in zoo.newVersions {
            try await Task.sleep(for: .seconds(1))
            _ = try await ZooStore.gateway([
                "import", version.file.path, "--name", version.model, "--version", "2", "--no-verify", "--store",
                store.path,
            ])
            try await Self.send("POST", "\(gateway.url)/v2/repository/models/\(version.model)/load")
            try await Self.send("POST", "\(gateway.url)/v2/repository/models/\(version.model)/unload")
        }
    }

    private static func status(of gateway: LiveGateway) async throws -> ServerFigures {
        let text = try await send("GET", "\(gateway.url)/v1/status")
        return try decoder.decode(ServerFigures.self, from: Data(text.utf8))
    }

    @discardableResult
    private static func send(_ method: String, _ url: String) async throws -> String {
        let answer = try await LiveGatewayProcess.run(
            URL(filePath: "/usr/bin/env"),
            ["curl", "-sS", "--noproxy", "*", "--fail-with-body", "-X", method, url]
        )
        guard answer.status == 0 else {
            throw BenchmarkFailure("\(method) \(url): \(answer.output)\(answer.errorOutput)")
        }
        return answer.output
    }

    private static let decoder = {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }()
}
