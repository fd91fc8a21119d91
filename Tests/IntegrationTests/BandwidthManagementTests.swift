import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Shares handed to a stand-in for the platform's bandwidth management.
    @Suite(.serialized)
    struct BandwidthManagementTests {
        @Test func `The platform's allocations follow the shares, and its trouble fails no request`() async throws {
            let script = LiveGatewayPaths.acceptance.appending(path: "mec015_platform.py").path
            let platform = try LiveGatewayProcess(LiveGatewayPaths.python, [script])
            let port = try await platform.line(startingWith: "listening on ", limit: .seconds(20))
            let url = "http://127.0.0.1:\(port)"
            let file = try LiveGatewayFolders.make().appending(path: "gateway.yaml")
            let settings = "  bits_per_second: 8e6\n  mec:\n    url: \(url)/bwm/v1\n    interval_ms: 100\n"
            try "uplink:\n\(settings)".write(to: file, atomically: true, encoding: .utf8)
            let gateway = try await LiveGateway(["--config", file.path])
            try await IntegrationTests.expect(
                gateway,
                accepts: "mec015.py",
                ["--model", "prime", "--bits-per-second", "8e6", "--platform", url, "--interval-ms", "100"]
            )
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }
    }
}
