private import Foundation
internal import TransportSecurity

extension GatewayConfiguration {
    /// TLS, where it is spoken at all.
    public struct TLS: Hashable, Sendable {
        /// The file of the certificate and those that lead to its root; nil speaks plain HTTP.
        public var certificate: String?
        /// The file of its key.
        public var key: String?
        /// The file of the authorities that sign clients' certificates; nil asks clients for none.
        public var clientCA: String?
        /// How often the files are looked at for a change; 0 leaves them until SIGHUP.
        public var checkInterval: Duration = .seconds(1)

        /// The default: plain HTTP.
        public init() {}

        /// The files to speak TLS with; nil speaks plain HTTP.
        ///
        /// - Throws: ``ConfigurationError`` where one is missing beside the others.
        func files() throws(ConfigurationError) -> TLSFiles? {
            switch (certificate, key) {
            case (let certificate?, let key?):
                return TLSFiles(certificate: certificate, key: key, clientCA: clientCA)
            case (nil, nil):
                guard clientCA == nil else { throw Self.missing("certificate", beside: "client_ca") }
                return nil
            case (nil, _): throw Self.missing("certificate", beside: "key")
            case (_, nil): throw Self.missing("key", beside: "certificate")
            }
        }

        /// What clients are shown; nil speaks plain HTTP.
        ///
        /// - Throws: ``ConfigurationError`` that names the key of the file that is no good.
        func identity() throws(ConfigurationError) -> TLSIdentity? {
            guard let files = try files() else { return nil }
            do throws(TLSFileProblem) {
                return try TLSIdentity(files)
            } catch {
                throw error.configurationError
            }
        }

        private static func missing(_ key: String, beside other: String) -> ConfigurationError {
            ConfigurationError(key: "tls.\(key)", problem: "is needed beside tls.\(other)")
        }
    }

    /// Checks what clients would refuse though the gateway starts with it: a certificate that is not valid now.
    ///
    /// - Throws: ``ConfigurationError`` that names the key of the file.
    public func checkCertificate() throws(ConfigurationError) {
        let now = Int(Date().timeIntervalSince1970)
        if let problem = try tls.identity()?.newest.problem(at: now) { throw problem.configurationError }
    }
}

extension TLSFileProblem {
    /// The same, said of the file's key in the configuration.
    var configurationError: ConfigurationError {
        ConfigurationError(key: "tls.\(part.rawValue)", problem: description)
    }
}
