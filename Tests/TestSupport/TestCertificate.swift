import CGnuTLS

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A certificate made for one test, with its key, both in PEM; it can sign others.
public final class TestCertificate {
    private let certificate: gnutls_x509_crt_t
    private let privateKey: gnutls_x509_privkey_t

    /// Why none could be made.
    public struct Failure: Error {
        let code: Int32
    }

    /// What a certificate is good for.
    public enum Use: Sendable {
        case server, client, authority
    }

    /// Makes a key and a certificate for `name` that is valid from `since` to `until`, in seconds from now; signed by
    /// `authority`, or by itself.
    public init(
        _ name: String,
        for use: Use = .server,
        since: Int = -3600,
        until: Int = 86_400,
        signedBy authority: TestCertificate? = nil
    ) throws {
        var key: gnutls_x509_privkey_t?
        var made: gnutls_x509_crt_t?
        try Self.check(gnutls_x509_privkey_init(&key))
        try Self.check(gnutls_x509_crt_init(&made))
        guard let key, let made else { throw Failure(code: 0) }
        (privateKey, certificate) = (key, made)
        let curve = UInt32(1 << 31) | UInt32(GNUTLS_ECC_CURVE_SECP256R1.rawValue)
        try Self.check(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, curve, 0))
        try describe(name, use, since, until)
        let signer = authority ?? self
        try Self.check(gnutls_x509_crt_sign2(made, signer.certificate, signer.privateKey, GNUTLS_DIG_SHA256, 0))
    }

    deinit {
        gnutls_x509_crt_deinit(certificate)
        gnutls_x509_privkey_deinit(privateKey)
    }

    /// The certificate in PEM.
    public var certificateText: String {
        text { gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, $0) }
    }

    /// Its key in PEM.
    public var keyText: String {
        text { gnutls_x509_privkey_export2_pkcs8(privateKey, GNUTLS_X509_FMT_PEM, nil, 0, $0) }
    }

    private func describe(_ name: String, _ use: Use, _ since: Int, _ until: Int) throws {
        let now = time(nil)
        var serial = UInt64.random(in: 1 ... .max >> 1).bigEndian
        try Self.check(gnutls_x509_crt_set_version(certificate, 3))
        try Self.check(gnutls_x509_crt_set_key(certificate, privateKey))
        try Self.check(gnutls_x509_crt_set_serial(certificate, &serial, 8))
        try Self.check(gnutls_x509_crt_set_activation_time(certificate, now + since))
        try Self.check(gnutls_x509_crt_set_expiration_time(certificate, now + until))
        try Self.check(gnutls_x509_crt_set_dn_by_oid(certificate, "2.5.4.3", 0, name, UInt32(name.utf8.count)))
        try Self.check(gnutls_x509_crt_set_ca_status(certificate, use == .authority ? 1 : 0))
        switch use {
        case .authority: try Self.check(gnutls_x509_crt_set_key_usage(certificate, UInt32(GNUTLS_KEY_KEY_CERT_SIGN)))
        case .client:
            try Self.check(gnutls_x509_crt_set_key_purpose_oid(certificate, GNUTLS_KP_TLS_WWW_CLIENT, 0))
        case .server:
            try Self.check(gnutls_x509_crt_set_key_purpose_oid(certificate, GNUTLS_KP_TLS_WWW_SERVER, 0))
            let loopback: [UInt8] = [127, 0, 0, 1]
            try Self.check(
                gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, loopback, 4, 0)
            )
            try Self.check(
                gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, "localhost", 9, 1)
            )
        }
    }

    private func text(_ export: (UnsafeMutablePointer<gnutls_datum_t>) -> Int32) -> String {
        var datum = gnutls_datum_t()
        guard export(&datum) >= 0, let data = datum.data else { return "" }
        defer { CGnuTLS_free(data) }
        return String(decoding: UnsafeBufferPointer(start: data, count: Int(datum.size)), as: UTF8.self)
    }

    static func check(_ status: Int32) throws {
        guard status >= 0 else { throw Failure(code: status) }
    }
}
