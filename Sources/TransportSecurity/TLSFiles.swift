private import Foundation

/// The files a server's TLS is made of, in PEM.
public struct TLSFiles: Hashable, Sendable {
    /// The path of the certificate, followed by those that lead from it to its root.
    public var certificate: String
    /// The path of its private key, which is not encrypted.
    public var key: String
    /// The path of the certificates that clients' certificates have to be signed by; nil asks clients for none.
    public var clientCA: String?

    /// Names the files; none is read yet.
    public init(certificate: String, key: String, clientCA: String? = nil) {
        self.certificate = certificate
        self.key = key
        self.clientCA = clientCA
    }

    /// The longest file that is read, in bytes.
    static let maximumBytes = 1 << 20

    /// Reads the files and puts them together.
    ///
    /// - Throws: ``TLSFileProblem`` that names the file.
    public func read() throws(TLSFileProblem) -> TLSCredentials {
        let credentials = try TLSCredentials()
        try credentials.use(
            certificate: contents(.certificate, certificate),
            key: contents(.key, key),
            of: self
        )
        if let clientCA { try credentials.trust(contents(.clientCA, clientCA), of: clientCA) }
        return credentials
    }

    /// What tells whether a file was written or replaced since it was looked at last; nil where one is not there.
    var stamps: [FileStamp?] { [certificate, key, clientCA].compactMap(\.self).map { FileStamp(path: $0) } }

    private func contents(_ part: TLSFileProblem.Part, _ path: String) throws(TLSFileProblem) -> [UInt8] {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw TLSFileProblem(part, path, "cannot be read: \(Self.reason(error))")
        }
        guard data.count <= Self.maximumBytes else { throw TLSFileProblem(part, path, "is over 1 MiB") }
        return Array(data)
    }

    private static func reason(_ error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .some(.fileReadNoSuchFile): "there is no such file"
        case .some(.fileReadNoPermission): "permission denied"
        default: "it is not a file that can be read"
        }
    }
}
