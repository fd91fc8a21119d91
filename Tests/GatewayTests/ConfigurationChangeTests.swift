import AdmissionControl
import HTTPTransport
import ServingCore
import TestSupport
import Testing

@testable import Gateway

/// What a configuration that is read again changes.
struct ConfigurationChangeTests {
    private func loader(_ yaml: String) throws -> ConfigurationLoader {
        var loader = ConfigurationLoader()
        try loader.apply(yaml: yaml, from: "test")
        return loader
    }

    @Test func `What can change is taken, what cannot is named and kept`() throws {
        let running = try loader("server:\n  port: 8080\nlog:\n  level: info\nmemory:\n  bytes: 1000")
        let read = try loader("server:\n  port: 9090\nlog:\n  level: debug\nrequests:\n  default_timeout_ms: 50")
        let change = try ConfigurationChange(from: running, to: read)
        #expect(change.applied == ["requests.default_timeout_ms", "log.level"])
        #expect(change.kept == ["server.port", "memory.bytes"])
        let held = change.loader.configuration
        #expect(held.server.port == 8080 && held.memory.rawValue == 1000)
        #expect(held.logLevel == "debug" && held.requests.defaultTimeout == .milliseconds(50))
    }

    @Test func `A key that is gone goes back to its default where it can change`() throws {
        let running = try loader("callers:\n  requests_per_second: 5\nshutdown:\n  grace_ms: 1")
        let change = try ConfigurationChange(from: running, to: ConfigurationLoader())
        #expect(change.applied == ["shutdown.grace_ms", "callers.requests_per_second"])
        #expect(change.loader.configuration.callers.limits.requestsPerSecond == nil)
        #expect(change.loader.configuration.shutdown.grace == .seconds(30))
    }

    @Test func `Kept settings are named again the next time`() throws {
        let running = try loader("server:\n  port: 8080")
        let read = try loader("server:\n  port: 9090")
        let first = try ConfigurationChange(from: running, to: read)
        #expect(try ConfigurationChange(from: first.loader, to: read).kept == ["server.port"])
        #expect(try ConfigurationChange(from: first.loader, to: running).kept.isEmpty)
    }

    @Test func `Settings that contradict each other change nothing`() throws {
        let read = try loader("requests:\n  default_timeout_ms: 5000\n  max_timeout_ms: 1000")
        #expect(throws: ConfigurationError.self) { try ConfigurationChange(from: ConfigurationLoader(), to: read) }
        // Good by itself, but not together with what stays.
        let running = try loader("uplink:\n  hz: 1000")
        let other = try loader("uplink:\n  bits_per_second: 1000")
        #expect(try ConfigurationChange(from: running, to: other).kept == ["uplink.hz", "uplink.bits_per_second"])
    }

    @Test func `TLS is not turned on or off while the gateway runs`() throws {
        let files = try TestCertificateFiles(TestCertificate("gateway"))
        let with = try loader("tls:\n  certificate: \(files.certificate)\n  key: \(files.key)")
        let on = try ConfigurationChange(from: ConfigurationLoader(), to: with)
        #expect(on.applied.isEmpty && on.kept == ["tls.certificate", "tls.key"])
        let other = try files.add("other.pem", TestCertificate("gateway").certificateText)
        let mixed = try loader("tls:\n  certificate: \(other)\n  key: \(files.key)")
        #expect(throws: ConfigurationError.self) { try ConfigurationChange(from: with, to: mixed) }
    }
}
