import Foundation
import TestSupport

/// What wrk measured in one run.
struct Figures {
    var requestsPerSecond: Double
    var medianMilliseconds: Double
    var p99Milliseconds: Double
}

/// wrk with the same load for every server.
struct Load {
    var wrk: URL
    var body: URL
    var threads: Int
    var connections: Int

    /// Posts the body as fast as it is answered.
    ///
    /// - Throws: ``BenchmarkFailure`` where any request failed or was answered other than 2xx or 3xx.
    func measure(_ url: String, seconds: Int) async throws -> Figures {
        guard let script = Bundle.module.url(forResource: "post", withExtension: "lua", subdirectory: "Scripts") else {
            throw BenchmarkFailure("post.lua is not beside this program; build it with swift build")
        }
        let result = try await LiveGatewayProcess.run(
            wrk,
            ["-t", "\(threads)", "-c", "\(connections)", "-d", "\(seconds)s", "-s", script.path, url, "--", body.path],
            limit: .seconds(seconds + 30)
        )
        let line = result.output.split(separator: "\n").last { $0.hasPrefix("figures ") }
        let numbers = (line ?? "").split(separator: " ").dropFirst().compactMap { Double($0) }
        guard result.status == 0, numbers.count == 5, numbers[1] > 0 else {
            throw BenchmarkFailure("wrk: \(result.output) \(result.errorOutput)")
        }
        guard numbers[2] == 0, numbers[0] > 0 else { throw BenchmarkFailure("\(url): \(result.output)") }
        return Figures(
            requestsPerSecond: numbers[0] / numbers[1] * 1_000_000,
            medianMilliseconds: numbers[3] / 1000,
            p99Milliseconds: numbers[4] / 1000
        )
    }
}
