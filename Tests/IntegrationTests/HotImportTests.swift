import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Models that come while the gateway runs.
    @Suite(.serialized)
    struct HotImportTests {
        @Test func `Models imported while the gateway runs are served once they are loaded`() async throws {
            let empty = try LiveGatewayFolders.make().appending(path: "store")
            let gateway = try await LiveGateway(store: empty)
            let arguments = [
                "--gateway", LiveGatewayPaths.gateway.path, "--store", empty.path, "--demo", LiveGatewayPaths.demo.path,
            ]
            try await IntegrationTests.expect(gateway, accepts: "hot_import.py", arguments)
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }
    }
}
