import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// The policies and modes an operator can choose, on the real engine.
    @Suite(.serialized)
    struct PolicyTests {
        @Test(arguments: ["whole", "lru", "edf"])
        func `Under every policy every demo model answers rightly`(policy: String) async throws {
            let gateway = try await LiveGateway(["--policy", policy])
            let demo = LiveGatewayPaths.demo.path
            try await IntegrationTests.expect(gateway, accepts: "demo_answers.py", ["--demo", demo])
            let status = try await curl(gateway, "/v1/status")
            #expect(status.contains(#""policy":"\#(policy)","mode":"enforce""#), "\(status)")
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }

        @Test func `In observe what would be refused is answered, told and counted`() async throws {
            let gateway = try await LiveGateway(["--mode", "observe"])
            let image = "@\(LiveGatewayPaths.demo.path)/requests/seven.json"
            let infer = "/v2/models/digits/infer"
            let fine = try await curl(gateway, infer, "-d", image)
            #expect(fine.contains(#""observed_decision":"admitted""#), "\(fine)")
            let tight = try await curl(gateway, infer, "-H", "Inference-Timeout-Ms: 1", "-d", image)
            #expect(tight.contains(#""observed_decision":"rejected","observed_reason":"deadline""#), "\(tight)")
            #expect(tight.contains(#""data":[7]"#), "\(tight)")
            let status = try await curl(gateway, "/v1/status")
            #expect(status.contains(#""observed":{"rejected":1,"given_up":"#), "\(status)")
            let metrics = try await curl(gateway, "/metrics")
            #expect(metrics.contains(#"gateway_observed_rejections_total{reason="deadline"} 1"#), "\(metrics)")
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }

        private func curl(_ gateway: LiveGateway, _ path: String, _ arguments: String...) async throws -> String {
            let answer = try await LiveGatewayProcess.run(
                URL(filePath: "/usr/bin/env"),
                ["curl", "-sS", "--noproxy", "*", gateway.url + path] + arguments
            )
            #expect(answer.status == 0, "\(answer.errorOutput)")
            return answer.output
        }
    }
}
