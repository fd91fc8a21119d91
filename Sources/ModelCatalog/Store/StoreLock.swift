import Glibc

/// The right to write to a store, held until the value goes away; the system takes it back from a killed process.
struct StoreLock: ~Copyable {
    private let descriptor: FileDescriptor

    /// Waits until nobody else writes to the store whose lock file is `path`.
    init(_ path: String) throws(CatalogError) {
        let descriptor = try FileDescriptor(path, O_RDWR | O_CREAT | O_NOFOLLOW, else: .storageFailed)
        while flock(descriptor.number, LOCK_EX) != 0 {
            guard errno == EINTR else { throw CatalogError(.storageFailed, "\(path): \(SystemError.last)") }
        }
        self.init(descriptor)
    }

    private init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }
}
