import Foundation
import TestSupport
import Testing

/// Real clients against a running gateway. One test at a time: they measure time and count requests.
@Suite(.serialized)
enum IntegrationTests {}

extension IntegrationTests {
    /// Runs an acceptance script; its own summary is the failure's text.
    @discardableResult
    static func expect(
        _ gateway: LiveGateway,
        accepts script: String,
        _ arguments: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let result = try await gateway.accept(script, arguments)
        #expect(
            result.status == 0,
            "\(script): \(failures(in: result.output))\n\(result.errorOutput.suffix(2000))",
            sourceLocation: sourceLocation
        )
        return result.output
    }

    private static func failures(in output: String) -> String {
        output.split(separator: "\n").filter { !$0.hasPrefix("ok ") }.prefix(40).joined(separator: "\n")
    }

    /// The gateway ended by itself with status 0.
    static func expectCleanEnd(
        _ result: LiveGatewayProcess.Result,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(result.status == 0, "stderr: \(result.errorOutput.suffix(2000))", sourceLocation: sourceLocation)
    }
}
