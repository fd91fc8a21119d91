/// What is wrong with a file that TLS needs.
public struct TLSFileProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// Which of the files it is; the raw value is its configuration key's last part.
    public enum Part: String, Hashable, Sendable {
        /// The certificate and those that lead from it to its root.
        case certificate
        /// The certificate's private key.
        case key
        /// The certificates of those that sign clients' certificates.
        case clientCA = "client_ca"
    }

    /// Which file it is.
    public var part: Part
    /// Its path.
    public var path: String
    /// What is wrong with it.
    public var reason: String

    /// Makes a problem.
    public init(_ part: Part, _ path: String, _ reason: String) {
        self.part = part
        self.path = path
        self.reason = reason
    }

    /// One line for a log.
    public var description: String { "\(path) \(reason)" }
}
