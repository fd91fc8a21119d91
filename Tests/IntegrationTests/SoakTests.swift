import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// `make soak` in short.
    @Suite(.serialized)
    struct SoakTests {
        @Test func `Memory, descriptors and threads stay level for a minute of mixed traffic`() async throws {
            let gateway = try await LiveGateway()
            let arguments = ["--pid", "\(gateway.processID)", "--demo", LiveGatewayPaths.demo.path, "--seconds", "60"]
            try await IntegrationTests.expect(gateway, accepts: "soak.py", arguments)
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }
    }
}
