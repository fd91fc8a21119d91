#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What changes when a file is written or replaced, by name or through a link on its path.
struct FileStamp: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    private let byteCount: Int64
    private let modified: [Int]

    /// Looks at the file; nil where there is none.
    init?(path: String) {
        var found = stat()
        guard stat(path, &found) == 0 else { return nil }
        device = UInt64(found.st_dev)
        inode = UInt64(found.st_ino)
        byteCount = Int64(found.st_size)
        modified = [found.st_mtim.tv_sec, found.st_mtim.tv_nsec, found.st_ctim.tv_sec, found.st_ctim.tv_nsec]
    }
}
