import CGnuTLS

/// A certificate with its key, and whom clients' certificates have to be signed by; not changed once it is read.
///
/// `@unchecked Sendable` because GnuTLS only reads credentials once they are put together, from any number of sessions.
public final class TLSCredentials: @unchecked Sendable {
    let pointer: gnutls_certificate_credentials_t
    /// When the certificate begins to be valid and when it ends, in seconds since 1970.
    public private(set) var validity: ClosedRange<Int> = 0...0
    /// The certificate's file, for messages.
    private(set) var path = ""
    /// Whether clients have to show a certificate.
    public private(set) var asksClients = false

    init() throws(TLSFileProblem) {
        var made: gnutls_certificate_credentials_t?
        guard gnutls_certificate_allocate_credentials(&made) >= 0, let made else {
            throw TLSFileProblem(.certificate, "", "cannot be held: no memory is left")
        }
        pointer = made
    }

    deinit {
        gnutls_certificate_free_credentials(pointer)
    }

    /// Takes a certificate and its key, each checked by itself first, so that what is wrong names its file.
    func use(certificate: [UInt8], key: [UInt8], of files: TLSFiles) throws(TLSFileProblem) {
        path = files.certificate
        validity = try Self.checked(.certificate, files.certificate) { () throws(TLSError) in
            try CertificateReader.validity(of: certificate)
        }
        try Self.checked(.key, files.key) { () throws(TLSError) in try CertificateReader.checkKey(key) }
        let status = certificate.withPEM { certificate in
            key.withPEM { key in
                gnutls_certificate_set_x509_key_mem2(pointer, certificate, key, GNUTLS_X509_FMT_PEM, nil, 0)
            }
        }
        if status == GNUTLS_E_CERTIFICATE_KEY_MISMATCH {
            throw TLSFileProblem(.key, files.key, "is not the key of the certificate in \(files.certificate)")
        }
        try Self.checked(.certificate, files.certificate) { () throws(TLSError) in try TLSError.check(status) }
    }

    /// Asks clients for certificates that `authorities` sign.
    func trust(_ authorities: [UInt8], of path: String) throws(TLSFileProblem) {
        let count = authorities.withPEM { gnutls_certificate_set_x509_trust_mem(pointer, $0, GNUTLS_X509_FMT_PEM) }
        try Self.checked(.clientCA, path) { () throws(TLSError) in try TLSError.check(count) }
        guard count > 0 else { throw TLSFileProblem(.clientCA, path, "holds no certificate") }
        asksClients = true
    }

    /// What is wrong with the certificate at `now`, in seconds since 1970; nil where it is valid.
    public func problem(at now: Int) -> TLSFileProblem? {
        if now > validity.upperBound {
            return TLSFileProblem(.certificate, path, "expired on \(Self.date(validity.upperBound))")
        }
        if now < validity.lowerBound {
            return TLSFileProblem(.certificate, path, "is not valid before \(Self.date(validity.lowerBound))")
        }
        return nil
    }

    private static func checked<Value>(
        _ part: TLSFileProblem.Part,
        _ path: String,
        _ body: () throws(TLSError) -> Value
    ) throws(TLSFileProblem) -> Value {
        do throws(TLSError) {
            return try body()
        } catch {
            let what = part == .key ? "holds no private key that can be used" : "holds no certificate that can be used"
            throw TLSFileProblem(part, path, "\(what): \(error.description)")
        }
    }

    private static func date(_ seconds: Int) -> String { CertificateReader.date(seconds) }
}
