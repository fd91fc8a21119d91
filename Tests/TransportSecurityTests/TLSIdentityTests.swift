import Foundation
import TestSupport
import Testing

@testable import TransportSecurity

/// Certificates that are replaced while a server runs.
struct TLSIdentityTests {
    private static var now: Int { Int(Date().timeIntervalSince1970) }

    private func identity(_ files: TestCertificateFiles) throws -> TLSIdentity {
        try TLSIdentity(TLSFiles(certificate: files.certificate, key: files.key))
    }

    @Test func `Files that did not change are not read`() throws {
        let files = try TestCertificateFiles(TestCertificate("gateway"))
        let identity = try identity(files)
        #expect(identity.look(at: Self.now) == nil)
        #expect(identity.look(at: Self.now) == nil)
        withExtendedLifetime(files) {}
    }

    @Test func `A new pair is taken once it was left alone for a look`() throws {
        let files = try TestCertificateFiles(TestCertificate("gateway"))
        let identity = try identity(files)
        let old = identity.newest
        try files.write(TestCertificate("gateway", until: 5000))
        #expect(identity.look(at: Self.now) == nil)
        #expect(identity.newest === old)
        #expect(identity.look(at: Self.now) == .replaced)
        #expect(identity.newest !== old)
        #expect(identity.look(at: Self.now) == nil)
    }

    @Test func `Half a pair keeps the old one, and is told once`() throws {
        let files = try TestCertificateFiles(TestCertificate("gateway"))
        let identity = try identity(files)
        let old = identity.newest
        let next = try TestCertificate("gateway")
        try files.write(next, withKey: false)
        #expect(identity.look(at: Self.now) == nil)
        guard case .kept(let problem) = identity.look(at: Self.now) else { throw RawSocket.Failure.notHTTP("taken") }
        #expect(problem.part == .key)
        #expect(identity.look(at: Self.now) == nil)
        #expect(identity.newest === old)
        try files.write(next)
        _ = identity.look(at: Self.now)
        #expect(identity.look(at: Self.now) == .replaced)
    }

    @Test func `An ended certificate replaces none that is valid`() throws {
        let files = try TestCertificateFiles(TestCertificate("gateway"))
        let identity = try identity(files)
        try files.write(TestCertificate("gateway", since: -100, until: -50))
        guard case .kept(let problem) = identity.reload(at: Self.now) else { throw RawSocket.Failure.notHTTP("taken") }
        #expect(problem.reason.hasPrefix("expired on"))
    }
}
