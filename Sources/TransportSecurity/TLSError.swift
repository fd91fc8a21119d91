import CGnuTLS

/// A call of GnuTLS that failed.
struct TLSError: Error, Hashable, CustomStringConvertible {
    /// The library's own code: `GNUTLS_E_…`.
    let code: Int32

    /// The library's own words.
    var description: String { String(cString: gnutls_strerror(code)) }

    /// Throws where `status` tells of a failure; GnuTLS gives negative numbers for those.
    static func check(_ status: Int32) throws(TLSError) {
        guard status >= 0 else { throw TLSError(code: status) }
    }
}
