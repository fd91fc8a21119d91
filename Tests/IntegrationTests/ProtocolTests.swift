import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// What clients of the protocol need, on one gateway without a paced uplink.
    @Suite(.serialized, .sharedGateway)
    struct ProtocolTests {
        @Test func `tritonclient, sync and aio, passes the acceptance list`() async throws {
            try await accepts("triton_acceptance.py", "--model", "digits")
        }

        @Test func `the public contract holds: protocol, openapi yaml, malformed requests, value probes`() async throws
        {
            try await accepts("conformance.py", "--probes", "1400")
        }

        @Test func `held-out images get the right answers from every demo model`() async throws {
            try await accepts("demo_answers.py", "--demo", LiveGatewayPaths.demo.path)
        }

        @Test func `the account of requests adds up and agrees with the clients' own`() async throws {
            try await accepts("ledger.py", "--model", "digits")
        }

        /// One lane, so that a single long run keeps all others waiting for as long as it lasts.
        @Test func `clients that leave are cancelled and disturb nobody`() async throws {
            let file = FileManager.default.temporaryDirectory.appending(path: "one-lane-\(UUID()).yaml")
            defer { try? FileManager.default.removeItem(at: file) }
            try Data("engine:\n  lanes: 1\n".utf8).write(to: file)
            let gateway = try await LiveGateway(["--config", file.path])
            try await IntegrationTests.expect(gateway, accepts: "disconnects.py", ["--model", "digits"])
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }

        @Test func `metrics pass promtool and their labels are bounded`() async throws {
            try await accepts("metrics_check.py", "--model", "digits")
        }

        private func accepts(_ script: String, _ arguments: String...) async throws {
            try await IntegrationTests.expect(SharedGateway.current, accepts: script, arguments)
        }
    }
}
