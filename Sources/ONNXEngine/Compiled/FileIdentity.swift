#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What changes whenever a file is written to, or another is put in its place.
struct FileIdentity: Hashable {
    private let device: UInt64
    private let inode: UInt64
    /// The file's length in bytes.
    let byteCount: Int
    /// When its content and when anything of it was changed last, in nanoseconds of the system's clock.
    private let modified, changed: Int

    /// Reads what `stat` says of an open regular file; nil where it is none.
    init?(of descriptor: Int32) {
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return nil }
        device = UInt64(information.st_dev)
        inode = UInt64(information.st_ino)
        byteCount = Int(information.st_size)
        modified = Self.nanoseconds(information.st_mtim)
        changed = Self.nanoseconds(information.st_ctim)
    }

    /// Whether it was changed long enough ago for the system's clock to tell a later change from that one.
    var isSettled: Bool {
        var now = timespec()
        guard clock_gettime(CLOCK_REALTIME, &now) == 0 else { return false }
        return Self.nanoseconds(now) &- max(changed, modified) > Self.settlingTime
    }

    /// Some ticks of the slowest clock by which a file system stamps its files.
    private static let settlingTime = 100_000_000

    private static func nanoseconds(_ time: timespec) -> Int { time.tv_sec &* 1_000_000_000 &+ time.tv_nsec }
}
