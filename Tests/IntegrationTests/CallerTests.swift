import Foundation
import TestSupport
import Testing
import TraceReplay

extension IntegrationTests {
    /// Keys and quotas, with curl and the trace client.
    @Suite(.serialized)
    struct CallerTests {
        /// SHA-256 of "test" and of "abc".
        private static let keys = """
            # who may ask
            camera 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 infer
            operator ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad infer+read+admin
            """

        private func gateway(_ callers: String, keys: String? = nil) async throws -> LiveGateway {
            let folder = try LiveGatewayFolders.make()
            var text = "callers:\n\(callers)"
            if let keys {
                let file = folder.appending(path: "keys.txt")
                try keys.write(to: file, atomically: true, encoding: .utf8)
                text += "  key_file: \(file.path)\n"
            }
            let file = folder.appending(path: "gateway.yaml")
            try text.write(to: file, atomically: true, encoding: .utf8)
            return try await LiveGateway(["--config", file.path])
        }

        /// The status line, the head and the body of one request.
        private func curl(_ gateway: LiveGateway, _ path: String, _ arguments: String...) async throws -> String {
            let answer = try await LiveGatewayProcess.run(
                URL(filePath: "/usr/bin/env"),
                ["curl", "-sS", "--noproxy", "*", "-i", gateway.url + path] + arguments
            )
            #expect(answer.status == 0, "\(answer.errorOutput)")
            return answer.output
        }

        private var image: String { "@\(LiveGatewayPaths.demo.path)/requests/seven.json" }

        @Test func `Only keys that are good for it run models, read and load`() async throws {
            let gateway = try await gateway("  protect_reading: true\n", keys: Self.keys)
            let infer = "/v2/models/digits/infer"
            let load = "/v2/repository/models/digits/load"
            let (camera, boss) = ("Authorization: Bearer test", "authorization: bearer abc")
            let none = try await curl(gateway, infer, "-d", image)
            #expect(none.hasPrefix("HTTP/1.1 401") && none.contains("WWW-Authenticate: Bearer"), "\(none)")
            #expect(none.contains(#""code":"unauthorized""#), "\(none)")
            #expect(try await curl(gateway, "/v2/models/nothing/infer", "-d", image).hasPrefix("HTTP/1.1 401"))
            #expect(try await curl(gateway, infer, "-H", "Authorization: Bearer tesT", "-d", image).contains(" 401 "))
            #expect(try await curl(gateway, infer, "-H", camera, "-d", image).hasPrefix("HTTP/1.1 200"))
            #expect(try await curl(gateway, infer, "-H", boss, "-d", image).hasPrefix("HTTP/1.1 200"))
            #expect(try await curl(gateway, load, "-H", camera, "-X", "POST").hasPrefix("HTTP/1.1 403"))
            #expect(try await curl(gateway, load, "-H", boss, "-X", "POST").hasPrefix("HTTP/1.1 200"))
            #expect(try await curl(gateway, "/metrics", "-H", camera).hasPrefix("HTTP/1.1 403"))
            #expect(try await curl(gateway, "/v2/models/digits", "-H", camera).hasPrefix("HTTP/1.1 200"))
            #expect(try await curl(gateway, "/v2/health/ready").hasPrefix("HTTP/1.1 200"))
            let metrics = try await curl(gateway, "/metrics", "-H", boss)
            #expect(
                metrics.contains(#"gateway_caller_requests_total{caller="camera",outcome="accepted"} 1"#),
                "\(metrics)"
            )
            #expect(metrics.contains(#"gateway_caller_requests_total{caller="unknown",outcome="unauthorized"} 3"#))
            #expect(metrics.contains("gateway_received_total 5\n"), "\(metrics)")
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }

        @Test func `Beyond its requests a second a caller is refused before its body, and accounts agree`() async throws
        {
            let gateway = try await gateway("  requests_per_second: 20\n  burst_ms: 500\n")
            var wanted = TraceSpecification(
                arrivals: .poisson,
                rate: 100,
                duration: 2,
                models: ["digits", "prime"],
                seed: 1
            )
            wanted.timeout = 5000...5000
            wanted.bodyBytes = 100_000
            let report = try await Replayer(address: try ReplayAddress(gateway.url)).play(wanted.make())
            let refused = report.counts.rejected["quota"] ?? 0
            #expect(report.counts.inTime + refused == report.counts.sent, "\(report)")
            // 10 at once and 20 a second for 2 seconds, of 200.
            #expect((45...60).contains(report.counts.inTime), "\(report)")
            #expect(report.bytesSent == report.counts.inTime * 100_000, "\(report)")
            var last = ""
            for _ in 0..<20 where !last.contains(" 429 ") {
                last = try await curl(gateway, "/v2/models/digits/infer", "-d", image)
            }
            #expect(last.contains(" 429 ") && last.contains("Retry-After: 1"), "\(last)")
            #expect(last.contains(#"RateLimit-Policy: "caller";q=10;w=1"#), "\(last)")
            let metrics = try await curl(gateway, "/metrics")
            #expect(metrics.contains(#"reason="quota"} "#), "\(metrics)")
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }
    }
}
