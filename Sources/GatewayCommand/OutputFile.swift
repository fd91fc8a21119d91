import Foundation
import Gateway
import ServingCore

/// A file that a command writes when its work is done; opened before, so that a path that cannot be written costs no work.
final class OutputFile {
    private let path: String
    private let descriptor: Int32

    /// Opens the file; what it holds stays until ``write(_:)``.
    ///
    /// - Throws: ``ServingError/Code/internalError`` where it cannot be written.
    init(_ path: String) throws(ServingError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Makes `bytes` all that the file holds.
    ///
    /// - Throws: ``ServingError/Code/internalError`` where they cannot all be written.
    func write(_ bytes: some Collection<UInt8>) throws(ServingError) {
        // Pipes and devices have no length to cut.
        guard ftruncate(descriptor, 0) == 0 || errno == EINVAL else { throw Self.failure(path) }
        guard DescriptorOutput.write(ArraySlice(bytes), to: descriptor).isEmpty else { throw Self.failure(path) }
    }

    private static func failure(_ path: String) -> ServingError {
        ServingError(.internalError, "it cannot be written: \(String(cString: strerror(errno)))", field: path)
    }
}
