import Glibc
import ServingCore
import Synchronization

/// The right to write to a store, held until the value goes away; the system takes it back from a killed process.
struct StoreLock: ~Copyable {
    private let descriptor: FileDescriptor

    /// Waits until nobody else writes to the store whose lock file is `path`; with `patience` no longer than that says.
    init(_ path: String, _ patience: LockPatience? = nil) throws(CatalogError) {
        let descriptor = try FileDescriptor(path, O_RDWR | O_CREAT | O_NOFOLLOW, else: .storageFailed)
        let start = SystemMonotonicClock.now()
        while flock(descriptor.number, LOCK_EX | (patience == nil ? 0 : LOCK_NB)) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK:
                guard let patience, !patience.isOver(after: start.duration(to: SystemMonotonicClock.now())) else {
                    throw CatalogError(.busyStore, "the store is locked by another process")
                }
                usleep(LockPatience.stepMicroseconds)
            default: throw CatalogError(.storageFailed, "\(path): \(SystemError.last)")
            }
        }
        self.init(descriptor)
    }

    private init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }
}

/// How long to wait for a lock that another process holds; any thread may end it early.
public final class LockPatience: Sendable {
    /// How often the lock is tried.
    static let stepMicroseconds: UInt32 = 10_000

    private let limit: Duration
    private let isEnded = Atomic(false)

    /// Waits for `limit` at most.
    public init(limit: Duration) {
        self.limit = limit
    }

    /// Ends all waiting from now on.
    public func end() { isEnded.store(true, ordering: .relaxed) }

    /// Whether somebody who has waited for `duration` gives up.
    func isOver(after duration: Duration) -> Bool { duration >= limit || isEnded.load(ordering: .relaxed) }
}
