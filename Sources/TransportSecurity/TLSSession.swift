import CGnuTLS

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One connection's TLS, server side, made and freed by the HTTP library.
///
/// `@unchecked Sendable` because the pointer is only passed on: everything is called on the connection's own thread.
public struct TLSSession: @unchecked Sendable {
    private let pointer: gnutls_session_t

    /// The ciphers of TLS 1.2 and 1.3 that authenticate what they encrypt, with keys that are used once.
    public static let priorities =
        "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL:+AES-256-GCM"
        + ":+AES-128-GCM:+CHACHA20-POLY1305:-MAC-ALL:+AEAD:%SERVER_PRECEDENCE"

    /// The session at a pointer the HTTP library keeps; nil for none.
    public init?(_ opaque: UnsafeMutableRawPointer?) {
        guard let opaque else { return nil }
        pointer = gnutls_session_t(opaque)
    }

    /// Readies the session before its handshake; `credentials` and `transport` have to live as long as it does.
    public func begin(_ credentials: TLSCredentials, through transport: TLSTransport) {
        gnutls_credentials_set(pointer, GNUTLS_CRD_CERTIFICATE, UnsafeMutableRawPointer(credentials.pointer))
        if credentials.asksClients { CGnuTLS_require_client_certificate(pointer) }
        _ = CGnuTLS_speak_http(pointer)
        CGnuTLS_receive_through(pointer, Unmanaged.passUnretained(transport).toOpaque(), TLSTransport.pull)
        CGnuTLS_when_established(pointer, TLSTransport.finished)
    }

    /// From within ``TLSTransport/receive(into:count:)``: nothing has come yet. Gives what that returns then.
    public func wait() -> Int { fail(EAGAIN) }

    /// From within ``TLSTransport/receive(into:count:)``: the system's `error` came. Gives what that returns then.
    public func fail(_ error: Int32) -> Int {
        gnutls_transport_set_errno(pointer, error)
        return -1
    }

    /// Sends `bytes` and says that nothing follows; false where they did not all fit the kernel's buffer.
    public func sendLast(_ bytes: [UInt8]) -> Bool {
        let isSent = bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = gnutls_record_send(pointer, bytes.baseAddress?.advanced(by: sent), bytes.count - sent)
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
        gnutls_bye(pointer, GNUTLS_SHUT_WR)
        return isSent
    }

    /// The subject of the client's certificate, which was checked in the handshake; nil where it showed none.
    public var clientSubject: String? {
        var count: UInt32 = 0
        guard let certificates = gnutls_certificate_get_peers(pointer, &count), count > 0 else { return nil }
        return CertificateReader.subject(of: certificates)
    }
}
