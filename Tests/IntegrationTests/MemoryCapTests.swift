import TestSupport
import Testing

extension IntegrationTests {
    /// Less memory than all models need together.
    @Suite(.serialized)
    struct MemoryCapTests {
        @Test func `All models are served under a cap that holds only some of them`() async throws {
            let cap = try await bytesOfAllModels() * 7 / 10
            let gateway = try await LiveGateway(["--memory-bytes", "\(cap)"])
            try await IntegrationTests.expect(gateway, accepts: "memory_cap.py", ["--cap", "\(cap)"])
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }

        /// What the blocks of all models take together, from a gateway with room for them.
        private func bytesOfAllModels() async throws -> Int {
            let gateway = try await LiveGateway()
            let output = try await IntegrationTests.expect(gateway, accepts: "memory_cap.py", [])
            IntegrationTests.expectCleanEnd(try await gateway.stop())
            let line = output.split(separator: "\n").first { $0.hasPrefix("resident ") }
            return try #require(line.flatMap { Int($0.dropFirst("resident ".count)) })
        }
    }
}
