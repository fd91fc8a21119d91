import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// What a gateway says of itself: its log as objects, its metrics, its latencies.
    @Suite(.serialized)
    struct StartTests {
        private func curl(_ gateway: LiveGateway, _ path: String, _ arguments: String...) async throws -> String {
            let answer = try await LiveGatewayProcess.run(
                URL(filePath: "/usr/bin/env"),
                ["curl", "-sS", "--fail", "--noproxy", "*", gateway.url + path] + arguments
            )
            #expect(answer.status == 0, "\(answer.errorOutput)")
            return answer.output
        }

        @Test func `Every line of the log is an object, and the start says what is served`() async throws {
            let file = try LiveGatewayFolders.make().appending(path: "gateway.yaml")
            try "log:\n  format: json\nuplink:\n  hz: 2000000\n".write(to: file, atomically: true, encoding: .utf8)
            let gateway = try await LiveGateway(["--config", file.path])
            let ended = try await gateway.stop()
            IntegrationTests.expectCleanEnd(ended)
            let lines = try ended.errorOutput.split(separator: "\n").map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: String])
            }
            let serving = try #require(lines.first { $0["message"] == "serving" })
            #expect(serving["url"] == gateway.url && serving["models"] == "7" && serving["tls"] == "off")
            #expect(serving["uplink"] == "2000000.0 Hz" && serving["keys"] == "0" && serving["policy"] == "partial")
            #expect(lines.allSatisfy { $0["level"] != nil && $0["time"] != nil })
            #expect(!lines.contains { $0["message"]?.hasPrefix("other machines may ask") ?? false })
        }

        @Test func `Metrics tell of build, readiness and process, and of each model's latency`() async throws {
            let gateway = try await LiveGateway()
            let image = "@\(LiveGatewayPaths.demo.path)/requests/seven.json"
            for _ in 0..<3 { _ = try await curl(gateway, "/v2/models/digits/infer", "-d", image) }
            let lines = try await curl(gateway, "/metrics").split(separator: "\n").map(String.init)
            #expect(lines.contains { $0.hasPrefix("gateway_build_info{version=\"") && $0.hasSuffix("} 1") })
            #expect(lines.contains("gateway_ready 1"))
            #expect(lines.contains(#"gateway_request_duration_seconds_count{model="digits"} 3"#))
            #expect(lines.contains { $0.hasPrefix("process_resident_memory_bytes ") })
            let status = try await curl(gateway, "/v1/status")
            let read = try JSONSerialization.jsonObject(with: Data(status.utf8)) as? [String: Any]
            let models = try #require(read?["models"] as? [[String: Any]])
            let digits = try #require(
                models.first { $0["model"] as? String == "digits" }?["latency_ms"] as? [String: Double]
            )
            let found = ["p50", "p95", "p99"].compactMap { digits[$0] }
            #expect(found.count == 3 && found == found.sorted() && found.allSatisfy { $0 > 0 })
            let idle = try #require(models.first { $0["model"] as? String == "prime" }?["latency_ms"] as? [String: Any])
            #expect(idle["p50"] is NSNull)
        }
    }
}
