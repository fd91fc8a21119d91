import Foundation
import TestSupport

/// What is played: a trace, how fast, and what happens beside it.
struct Play {
    /// The file.
    var trace: URL
    /// Seconds of the trace that pass in one second.
    var speed = 1.0
    /// Whether new versions of models are imported in the middle.
    var importsVersions = false
    /// The uplink, where one is configured.
    var uplinkHertz: Double?
}

/// Makes the traces, and finds those of the repository.
struct TraceMaker {
    let models: [String]
    let timeout: String
    let zipf: Double
    let seconds: Double

    /// Poisson arrivals at a constant rate.
    func steady(rate: Double, seed: UInt64, seconds: Double? = nil) async throws -> URL {
        let text = try await ZooStore.gateway([
            "trace", "--arrivals", "poisson", "--rate", "\(rate)", "--duration", "\(seconds ?? self.seconds)",
            "--models", models.joined(separator: ","), "--zipf", "\(zipf)", "--timeout-ms", timeout, "--seed",
            "\(seed)",
        ])
        let file = try LiveGatewayFolders.make().appending(path: "trace.jsonl")
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file
    }

    /// A trace of this repository, played so fast that its mean rate is `rate`.
    ///
    /// Its models are those of the whole zoo; with fewer, their requests are given to those there are.
    func scenario(_ name: String, rate: Double) throws -> Play {
        guard let file = Bundle.module.url(forResource: name, withExtension: "jsonl", subdirectory: "Traces") else {
            throw BenchmarkFailure("there is no trace \(name)")
        }
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        guard let last = lines.last, let end = try Self.object(last)["at_s"] as? Double, end > 0 else {
            throw BenchmarkFailure("the trace \(name) is empty")
        }
        let trace = try LiveGatewayFolders.make().appending(path: "trace.jsonl")
        try lines.map(renamed).joined(separator: "\n").write(to: trace, atomically: true, encoding: .utf8)
        return Play(
            trace: trace,
            speed: rate / (Double(lines.count) / end),
            importsVersions: name == "import",
            uplinkHertz: name == "liars" ? Self.uplinkHertz : nil
        )
    }

    /// The bandwidth the devices of `liars` share.
    private static let uplinkHertz = 20e6

    func renamed(_ line: Substring) throws -> String {
        var object = try Self.object(line)
        guard let model = object["model"] as? String, !models.contains(model) else { return String(line) }
        let number = model.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
        object["model"] = models[number % models.count]
        return String(decoding: try JSONSerialization.data(withJSONObject: object, options: .sortedKeys), as: UTF8.self)
    }

    private static func object(_ line: Substring) throws -> [String: Any] {
        guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
            throw BenchmarkFailure("a line of a trace is no object")
        }
        return object
    }
}
