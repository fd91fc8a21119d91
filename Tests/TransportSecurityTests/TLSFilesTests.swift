import Foundation
import TestSupport
import Testing

@testable import TransportSecurity

/// What is said of files that are no good.
struct TLSFilesTests {
    private static var now: Int { Int(Date().timeIntervalSince1970) }

    private func problem(_ files: TLSFiles) -> TLSFileProblem? {
        do throws(TLSFileProblem) {
            _ = try files.read()
            return nil
        } catch {
            return error
        }
    }

    @Test func `A good pair is read, and tells when it ends`() throws {
        let files = try TestCertificateFiles(TestCertificate("gateway", until: 1000))
        let read = try TLSFiles(certificate: files.certificate, key: files.key).read()
        #expect(abs(read.validity.upperBound - Self.now - 1000) < 10)
        #expect(read.problem(at: Self.now) == nil)
        #expect(!read.asksClients)
    }

    @Test func `A certificate that has ended, or not begun, says when`() throws {
        let files = try TestCertificateFiles(TestCertificate("gateway", since: -10, until: 10))
        let read = try TLSFiles(certificate: files.certificate, key: files.key).read()
        #expect(read.problem(at: Self.now + 3600)?.reason.hasPrefix("expired on 20") ?? false)
        #expect(read.problem(at: Self.now - 3600)?.reason.hasPrefix("is not valid before 20") ?? false)
    }

    @Test func `A key of another certificate is refused by its own name`() throws {
        let files = try TestCertificateFiles(TestCertificate("gateway"))
        let other = try files.add("other.pem", TestCertificate("other").keyText)
        let found = try #require(problem(TLSFiles(certificate: files.certificate, key: other)))
        #expect(found.part == .key && found.path == other)
        #expect(found.reason == "is not the key of the certificate in \(files.certificate)")
    }

    @Test func `A file that is not there, or holds something else, is refused by its own name`() throws {
        let files = try TestCertificateFiles(TestCertificate("gateway"))
        let text = try files.add("text.pem", "nothing of the kind")
        let missing = files.folder.path + "/missing.pem"
        let noCertificate = try #require(problem(TLSFiles(certificate: text, key: files.key)))
        #expect(noCertificate.part == .certificate && noCertificate.reason.contains("holds no certificate"))
        let noKey = try #require(problem(TLSFiles(certificate: files.certificate, key: text)))
        #expect(noKey.part == .key && noKey.reason.contains("holds no private key"))
        let gone = try #require(problem(TLSFiles(certificate: files.certificate, key: missing)))
        #expect(gone == TLSFileProblem(.key, missing, "cannot be read: there is no such file"))
        let noCA = try #require(
            problem(TLSFiles(certificate: files.certificate, key: files.key, clientCA: text))
        )
        #expect(noCA.part == .clientCA)
    }
}
