import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// A store that changes, and breaks, while a gateway serves from it.
    @Suite(.serialized)
    struct StoreUnderLoadTests {
        /// Longer runs than the usual ones: how often is in the environment.
        private static func count(_ variable: String, usually count: Int) -> String {
            ProcessInfo.processInfo.environment[variable] ?? "\(count)"
        }

        /// GATEWAY_TEST_SERVED_FLIPS says how often.
        @Test func `Bits flipped in the store never give a wrong answer and never end the gateway`() async throws {
            let gateway = try await LiveGateway()
            let flips = Self.count("GATEWAY_TEST_SERVED_FLIPS", usually: 60)
            let arguments = ["--store", gateway.store.path, "--demo", LiveGatewayPaths.demo.path, "--flips", flips]
            try await IntegrationTests.expect(gateway, accepts: "bit_flips.py", arguments)
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }

        /// GATEWAY_TEST_CYCLES says how often.
        @Test func `Loading and unloading under load gives no wrong answer and takes no more memory`() async throws {
            let gateway = try await LiveGateway()
            let cycles = Self.count("GATEWAY_TEST_CYCLES", usually: 150)
            let arguments = ["--pid", "\(gateway.processID)", "--demo", LiveGatewayPaths.demo.path, "--cycles", cycles]
            try await IntegrationTests.expect(gateway, accepts: "load_cycles.py", arguments)
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }

        @Test func `A collection leaves what a running gateway serves`() async throws {
            let gateway = try await LiveGateway()
            let arguments = [
                "--gateway", LiveGatewayPaths.gateway.path, "--store", gateway.store.path, "--demo",
                LiveGatewayPaths.demo.path,
            ]
            try await IntegrationTests.expect(gateway, accepts: "collection.py", arguments)
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }
    }
}
