import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// SIGTERM: what was admitted is finished, everyone gets an answer, the exit status is 0.
    @Suite(.serialized)
    struct DrainTests {
        @Test func `SIGTERM in the middle of 200 uploads leaves no client without an answer`() async throws {
            let gateway = try await LiveGateway()
            try await drain(gateway, "--limit-rate", "200K")
        }

        @Test func `SIGTERM in the middle of 200 paced uploads leaves no client without an answer`() async throws {
            let gateway = try await LiveGateway(["--uplink-bits-per-second", "300000000"])
            try await drain(gateway)
        }

        @Test func `An idle gateway ends without waiting and its store serves again`() async throws {
            let first = try await LiveGateway()
            let began = ContinuousClock.now
            IntegrationTests.expectCleanEnd(try await first.stop())
            #expect(ContinuousClock.now - began < .seconds(15), "the time admitted requests have to finish is 30 s")

            let second = try await LiveGateway(store: first.store)
            let answer = try await postSeven(to: second)
            #expect(answer.status == 0, "\(answer.errorOutput)")
            #expect(answer.output.contains(#""outputs""#), "\(answer.output)")
            IntegrationTests.expectCleanEnd(try await second.stop())
        }

        /// The demo's image of a seven, as the README posts it; curl fails on any status but 2xx.
        private func postSeven(to gateway: LiveGateway) async throws -> LiveGatewayProcess.Result {
            let image = LiveGatewayPaths.demo.appending(path: "requests/seven.json").path
            return try await LiveGatewayProcess.run(
                URL(filePath: "/usr/bin/env"),
                [
                    "curl", "-sS", "--fail-with-body", "--data-binary", "@\(image)",
                    "\(gateway.url)/v2/models/digits/infer",
                ]
            )
        }

        private func drain(_ gateway: LiveGateway, _ arguments: String...) async throws {
            let given = ["--model", "prime", "--pid", "\(gateway.processID)"] + arguments
            try await IntegrationTests.expect(gateway, accepts: "drain_uploads.py", given)
            IntegrationTests.expectCleanEnd(try await gateway.ended(limit: .seconds(40)))
        }
    }
}
