import TestSupport
import Testing

extension IntegrationTests {
    /// A narrow uplink: uploads are held to their shares, and what cannot be in time is refused at the head.
    @Suite(.serialized)
    struct PacingTests {
        @Test func `An upload takes the time its share says, an impossible one is refused unsent`() async throws {
            let gateway = try await LiveGateway(["--uplink-bits-per-second", "8000000"])
            let arguments = ["--model", "prime", "--bits-per-second", "8000000"]
            try await IntegrationTests.expect(gateway, accepts: "pacing.py", arguments)
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }
    }
}
