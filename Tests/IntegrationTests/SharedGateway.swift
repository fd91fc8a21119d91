import TestSupport
import Testing

/// One gateway for all tests of a suite: started before the first, stopped after the last, when it must exit with 0.
struct SharedGateway: SuiteTrait, TestScoping {
    @TaskLocal private static var running: LiveGateway?

    /// The gateway of the suite this is called from.
    static var current: LiveGateway {
        get throws { try #require(running, "the suite has no .sharedGateway") }
    }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let gateway = try await LiveGateway()
        try await Self.$running.withValue(gateway, operation: function)
        IntegrationTests.expectCleanEnd(try await gateway.stop())
    }
}

extension Trait where Self == SharedGateway {
    /// Gives the suite one gateway with the demo models.
    static var sharedGateway: Self { SharedGateway() }
}
