import CGnuTLS

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A TLS connection to a server on this machine; every wait ends after ten seconds.
public final class TLSSocket {
    private let descriptor: Int32
    private var session: gnutls_session_t?
    private var credentials: gnutls_certificate_credentials_t?

    /// Connects to 127.0.0.1 and does the handshake, without judging the server's certificate.
    ///
    /// - Throws: ``TestCertificate/Failure`` with GnuTLS's code where the handshake fails.
    public init(
        port: Int,
        priorities: String = "NORMAL",
        protocols: [String] = [],
        certificate: TestCertificate? = nil
    ) throws {
        descriptor = try Self.connected(to: port)
        try TestCertificate.check(gnutls_init(&session, UInt32(GNUTLS_CLIENT | GNUTLS_NO_SIGNAL)))
        try TestCertificate.check(gnutls_certificate_allocate_credentials(&credentials))
        if let certificate { try show(certificate) }
        gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials.map { UnsafeMutableRawPointer($0) })
        try TestCertificate.check(gnutls_priority_set_direct(session, priorities, nil))
        for name in protocols { try offer(name) }
        gnutls_transport_set_int2(session, descriptor, descriptor)
        try shakeHands()
    }

    deinit {
        gnutls_deinit(session)
        gnutls_certificate_free_credentials(credentials)
        close(descriptor)
    }

    /// The protocol both sides agreed on by ALPN, or nil.
    public var agreedProtocol: String? {
        var name = gnutls_datum_t()
        guard gnutls_alpn_get_selected_protocol(session, &name) >= 0, let data = name.data else { return nil }
        return String(decoding: UnsafeBufferPointer(start: data, count: Int(name.size)), as: UTF8.self)
    }

    /// The certificate the server showed (DER).
    public var serverCertificate: [UInt8] {
        var count: UInt32 = 0
        guard let peers = gnutls_certificate_get_peers(session, &count), count > 0, let data = peers.pointee.data
        else { return [] }
        return Array(UnsafeBufferPointer(start: data, count: Int(peers.pointee.size)))
    }

    /// Sends all of `text`.
    public func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Sends all of `bytes`.
    public func send(_ bytes: [UInt8]) throws {
        var sent = 0
        try bytes.withUnsafeBytes {
            while sent < $0.count {
                let count = gnutls_record_send(session, $0.baseAddress?.advanced(by: sent), $0.count - sent)
                try TestCertificate.check(Int32(clamping: count))
                sent += count
            }
        }
    }

    /// Sends `bytes` until the server takes no more for half a second, and says how many went out.
    public func sendUntilHeld(_ bytes: [UInt8]) -> Int {
        var limit = timeval(tv_sec: 0, tv_usec: 500_000)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                gnutls_record_send(session, $0.baseAddress?.advanced(by: sent), min(16 << 10, bytes.count - sent))
            }
            guard count > 0 else { break }
            sent += count
        }
        return sent
    }

    /// Reads until `end` stands in what came, or the server ends the connection, orderly or not.
    public func read(until end: String? = nil) throws -> String {
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            if let end, String(decoding: text, as: UTF8.self).contains(end) { break }
            let count = gnutls_record_recv(session, &chunk, chunk.count)
            if count == Int(GNUTLS_E_AGAIN) { throw RawSocket.Failure.timeout(received: "\(text.count) bytes") }
            guard count > 0 || count == Int(GNUTLS_E_INTERRUPTED) else { break }
            text += chunk.prefix(max(0, count))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether something arrives within `seconds`.
    public func hasInput(within seconds: Double) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return gnutls_record_check_pending(session) > 0 || poll(&entry, 1, Int32(seconds * 1000)) > 0
    }

    private func show(_ certificate: TestCertificate) throws {
        try Array(certificate.certificateText.utf8).withDatum { certificateText in
            try Array(certificate.keyText.utf8).withDatum { keyText in
                try TestCertificate.check(
                    gnutls_certificate_set_x509_key_mem(credentials, certificateText, keyText, GNUTLS_X509_FMT_PEM)
                )
            }
        }
    }

    private func offer(_ name: String) throws {
        try Array(name.utf8).withDatum { try TestCertificate.check(gnutls_alpn_set_protocols(session, $0, 1, 0)) }
    }

    private func shakeHands() throws {
        var status: Int32
        repeat { status = gnutls_handshake(session) } while status < 0 && gnutls_error_is_fatal(status) == 0
        guard status < 0 else { return }
        gnutls_deinit(session)
        gnutls_certificate_free_credentials(credentials)
        (session, credentials) = (nil, nil)
        throw TestCertificate.Failure(code: status)
    }

    private static func connected(to port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw RawSocket.Failure.cannotConnect }
        return descriptor
    }
}

extension [UInt8] {
    /// Calls `body` with the bytes as GnuTLS takes them, which only reads them.
    fileprivate func withDatum(_ body: (UnsafePointer<gnutls_datum_t>) throws -> Void) throws {
        try withUnsafeBufferPointer { bytes in
            var datum = gnutls_datum_t(
                data: UnsafeMutablePointer(mutating: bytes.baseAddress),
                size: UInt32(clamping: bytes.count)
            )
            try body(&datum)
        }
    }
}
