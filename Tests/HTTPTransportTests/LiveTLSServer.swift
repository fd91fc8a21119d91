import ServingCore
import TestSupport
import TransportSecurity

@testable import HTTPTransport

/// A server on a free port that speaks TLS, with a certificate of its own.
final class LiveTLSServer: Sendable {
    let files: TestCertificateFiles
    let identity: TLSIdentity
    let live: LiveServer

    init(
        rate: BitsPerSecond? = nil,
        authority: TestCertificate? = nil,
        _ change: (inout HTTPServerConfiguration) -> Void = { _ in }
    ) throws {
        files = try TestCertificateFiles(TestCertificate("localhost"))
        var named = TLSFiles(certificate: files.certificate, key: files.key)
        if let authority { named.clientCA = try files.add("authority.pem", authority.certificateText) }
        let identity = try TLSIdentity(named)
        self.identity = identity
        live = try LiveServer(rate: rate) {
            $0.tls = identity
            change(&$0)
        }
    }

    var port: Int { live.server.port }
    var handler: EchoHandler { live.handler }

    func connect() throws -> TLSSocket { try TLSSocket(port: port) }
}
