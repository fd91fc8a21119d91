import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Models that come while the gateway runs.
    @Suite(.serialized)
    struct HotImportTests {
        /// The second model shares blocks with the first: the one unit that is served all the time falls apart.
        @Test func `Models imported while the gateway runs are served, and split a unit without harm`() async throws {
            let empty = try LiveGatewayFolders.make()
            let gateway = try await LiveGateway(store: empty)
            let arguments = [
                "--gateway", LiveGatewayPaths.gateway.path, "--store", empty.path, "--demo", LiveGatewayPaths.demo.path,
            ]
            try await IntegrationTests.expect(gateway, accepts: "hot_import.py", arguments)
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }
    }
}
