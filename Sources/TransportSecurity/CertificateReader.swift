import CGnuTLS

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Reads what certificates and keys say; each handle of GnuTLS lives for one call.
enum CertificateReader {
    /// When the first certificate in a PEM text begins to be valid and ends, in seconds since 1970.
    static func validity(of text: [UInt8]) throws(TLSError) -> ClosedRange<Int> {
        let (status, found) = withCertificate { certificate -> (Int32, ClosedRange<Int>?) in
            let status = text.withPEM { gnutls_x509_crt_import(certificate, $0, GNUTLS_X509_FMT_PEM) }
            guard status >= 0 else { return (status, nil) }
            let begin = gnutls_x509_crt_get_activation_time(certificate)
            let end = gnutls_x509_crt_get_expiration_time(certificate)
            return (status, min(begin, end)...end)
        }
        try TLSError.check(status)
        guard let found else { throw TLSError(code: GNUTLS_E_INTERNAL_ERROR) }
        return found
    }

    /// Throws where a PEM text holds no private key, or an encrypted one.
    static func checkKey(_ text: [UInt8]) throws(TLSError) {
        var key: gnutls_x509_privkey_t?
        try TLSError.check(gnutls_x509_privkey_init(&key))
        defer { gnutls_x509_privkey_deinit(key) }
        try TLSError.check(text.withPEM { gnutls_x509_privkey_import2(key, $0, GNUTLS_X509_FMT_PEM, nil, 0) })
    }

    /// The subject of a certificate as it is sent (DER): `CN=camera-7`; nil where it has none that can be told.
    static func subject(of encoded: UnsafePointer<gnutls_datum_t>) -> String? {
        withCertificate { certificate in
            guard gnutls_x509_crt_import(certificate, encoded, GNUTLS_X509_FMT_DER) >= 0 else { return (0, nil) }
            var name = gnutls_datum_t()
            guard gnutls_x509_crt_get_dn2(certificate, &name) >= 0, let data = name.data else { return (0, nil) }
            // GnuTLS gives the text to its caller.
            defer { CGnuTLS_free(data) }
            return (0, String(decoding: UnsafeBufferPointer(start: data, count: Int(name.size)), as: UTF8.self))
        }.1
    }

    /// A time as people read it: `2026-12-01 06:15:00 UTC`.
    static func date(_ seconds: Int) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress, strftime(start, 64, "%Y-%m-%d %H:%M:%S UTC", &parts) > 0
            else { return "?" }
            return String(cString: start)
        }
    }

    /// Calls `body` with an empty certificate; the status of a failure stands in for what it says.
    private static func withCertificate<Value>(
        _ body: (gnutls_x509_crt_t) -> (Int32, Value?)
    ) -> (Int32, Value?) {
        var certificate: gnutls_x509_crt_t?
        let status = gnutls_x509_crt_init(&certificate)
        guard status >= 0, let certificate else { return (status, nil) }
        defer { gnutls_x509_crt_deinit(certificate) }
        return body(certificate)
    }
}

extension [UInt8] {
    /// Calls `body` with the bytes as GnuTLS takes them, which only reads them.
    func withPEM<Value>(_ body: (UnsafePointer<gnutls_datum_t>) -> Value) -> Value {
        withUnsafeBufferPointer { bytes in
            var datum = gnutls_datum_t(
                data: UnsafeMutablePointer(mutating: bytes.baseAddress),
                size: UInt32(clamping: bytes.count)
            )
            return body(&datum)
        }
    }
}
