import Glibc

/// An open file descriptor with one owner, closed when that goes away.
struct FileDescriptor: ~Copyable {
    /// The number, for system calls while the owner lives.
    let number: Int32

    /// Opens `path`; throws `code` with the system's reason where that fails.
    init(_ path: String, _ flags: Int32, else code: CatalogError.Code) throws(CatalogError) {
        let number = open(path, flags | O_CLOEXEC, 0o644)
        guard number >= 0 else { throw CatalogError(code, "\(path): \(SystemError.opening(flags))") }
        self.init(owning: number)
    }

    /// Opens `name` in the folder `parent`, which messages call `label`; throws `unreadableFile` where that fails.
    init(
        _ name: String,
        in parent: borrowing FileDescriptor,
        _ flags: Int32,
        called label: String
    ) throws(CatalogError) {
        let number = openat(parent.number, name, flags | O_CLOEXEC)
        guard number >= 0 else { throw CatalogError(.unreadableFile, "'\(label)': \(SystemError.opening(flags))") }
        self.init(owning: number)
    }

    private init(owning number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }
}
