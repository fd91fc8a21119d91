import Foundation
import HTTPTransport
import ServingCore
import Testing

@testable import Gateway

@Suite struct CallerDirectoryTests {
    /// SHA-256 of "test" and of "abc" (FIPS 180-2, appendix B.1).
    private static let test = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    private static let abc = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"

    private func directory(_ keys: String) throws -> CallerDirectory {
        var settings = GatewayConfiguration.Callers()
        settings.keys = keys
        return try CallerDirectory(settings)
    }

    @Test func `a token is found by its hash, its scheme written in any case`() throws {
        let directory = try directory("one:\(Self.test),two:\(Self.abc):admin+infer")
        #expect(directory.key(authorization: ["Bearer test"])?.name == "one")
        #expect(directory.key(authorization: ["Bearer test"])?.scopes == [.infer, .read])
        #expect(directory.key(authorization: ["bEARER  abc"])?.name == "two")
        #expect(directory.key(authorization: ["Bearer abc"])?.scopes == [.admin, .infer])
    }

    @Test(arguments: [
        [], [""], ["test"], ["Bearer"], ["Bearer "], ["Bearer tes"], ["Bearer testt"], ["Bearer test x"],
        ["Basic test"], ["Bearer test", "Bearer test"], ["Bearer \(test)"],
        ["Bearer " + String(repeating: "a", count: 5000)],
    ])
    func `nothing else is a key`(_ fields: [String]) throws {
        #expect(try directory("one:\(Self.test)").key(authorization: fields) == nil)
    }

    @Test(arguments: [
        "one", "one:", ":\(test)", "one:\(test)0", "one:\(test.dropLast())g", "one:\(test):root", "one:\(test):infer+",
        "one:\(test):infer:x", "o\"e:\(test)",
    ])
    func `a key that is none is refused without being shown`(_ keys: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try directory(keys) }
        #expect(error?.key == "callers.keys")
        #expect(error?.description.contains(Self.test) == false)
    }

    @Test func `a key file that is missing is named`() {
        var settings = GatewayConfiguration.Callers()
        settings.keyFile = "/nowhere/keys"
        let error = #expect(throws: ConfigurationError.self) { try CallerDirectory(settings) }
        #expect(error?.key == "callers.key_file")
    }

    @Test(arguments: ["", "\n\n", "# camera \(test)\n", "   \n#\n"])
    func `a key file without a key is refused: it would open everything`(content: String) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)").path
        try Data(content.utf8).write(to: URL(filePath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        var settings = GatewayConfiguration.Callers()
        settings.keyFile = file
        let error = #expect(throws: ConfigurationError.self) { try CallerDirectory(settings) }
        #expect(error?.key == "callers.key_file")
        // Keys elsewhere do not make up for a file that was meant to hold some.
        settings.keys = "one:\(Self.test)"
        #expect(throws: ConfigurationError.self) { try CallerDirectory(settings) }
    }

    @Test(arguments: [" ", ",", " , ,"]) func `keys that are none are refused`(keys: String) {
        let error = #expect(throws: ConfigurationError.self) { try directory(keys) }
        #expect(error?.key == "callers.keys")
    }

    @Test func `reading and the repository are protected unless they are open`() {
        var callers = GatewayConfiguration.Callers()
        #expect(callers.access(to: .getMetrics) == .scope(.read))
        #expect(callers.access(to: .postPlan) == .scope(.read))
        #expect(callers.access(to: .getRequest) == .anyKey)
        #expect(callers.access(to: .getDashboard) == .open)
        #expect(callers.access(to: .postRepositoryLoad) == .scope(.admin))
        #expect(callers.access(to: .postInfer) == .scope(.infer))
        (callers.protectsReading, callers.protectsRepository) = (false, false)
        #expect(callers.access(to: .getMetrics) == .open)
        #expect(callers.access(to: .getRequest) == .anyKey)
        #expect(callers.access(to: .postRepositoryLoad) == .open)
        #expect(callers.access(to: .getHealthLive) == .open)
    }

    @Test func `a refusal for the quota tells it as RateLimit fields`() {
        var error = ServingError(.quotaExceeded, "used up", retryAfter: .milliseconds(1200))
        error.callerQuota = CallerQuota(
            unit: .requests,
            limit: 10,
            window: .seconds(1),
            left: 0,
            reset: .milliseconds(1200)
        )
        let response = HTTPResponse.problem(error, request: nil, to: nil)
        let fields = Dictionary(uniqueKeysWithValues: response.headers.map { ($0.name, $0.value) })
        #expect(response.status == 429)
        #expect(fields["Retry-After"] == "2")
        #expect(fields["RateLimit-Policy"] == #""caller";q=10;w=1"#)
        #expect(fields["RateLimit"] == #""caller";r=0;t=2"#)
        error.callerQuota?.unit = .contentBytes
        let bytes = HTTPResponse.problem(error, request: nil, to: nil).headers.first { $0.name == "RateLimit-Policy" }
        #expect(bytes?.value == #""caller";q=10;qu="content-bytes";w=1"#)
    }
}
