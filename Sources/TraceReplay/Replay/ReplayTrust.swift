import NIOSSL
import ServingCore

/// Whose certificates a replay over TLS takes.
public enum ReplayTrust: Hashable, Sendable {
    /// Those that the system trusts.
    case system
    /// Those that lead to a certificate in this file (PEM).
    case file(String)
    /// Any: for a trial on one's own machine only.
    case any

    /// Readies TLS.
    func context() throws(ServingError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        switch self {
        case .system: break
        case .file(let path): configuration.trustRoots = .file(path)
        case .any: configuration.certificateVerification = .none
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw ServingError(.invalidField, "it holds no certificate that can be used", field: "--ca")
        }
    }
}
