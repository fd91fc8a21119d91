public import Foundation

/// A certificate and its key in a folder of a test, removed with it.
public final class TestCertificateFiles: Sendable {
    /// The folder.
    public let folder: URL
    /// The certificate's path.
    public var certificate: String { folder.appendingPathComponent("certificate.pem").path }
    /// The key's path.
    public var key: String { folder.appendingPathComponent("key.pem").path }

    /// Makes the folder and writes `made` into it.
    public init(_ made: TestCertificate) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try write(made)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// Replaces both files by those of `made`, or only the certificate.
    public func write(_ made: TestCertificate, withKey: Bool = true) throws {
        try Data(made.certificateText.utf8).write(to: URL(fileURLWithPath: certificate), options: .atomic)
        guard withKey else { return }
        try Data(made.keyText.utf8).write(to: URL(fileURLWithPath: key), options: .atomic)
    }

    /// Writes a further file and gives its path.
    public func add(_ name: String, _ text: String) throws -> String {
        let file = folder.appendingPathComponent(name)
        try Data(text.utf8).write(to: file, options: .atomic)
        return file.path
    }
}
