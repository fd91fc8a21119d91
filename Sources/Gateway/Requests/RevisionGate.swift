private import Synchronization

/// Lets numbered settings through in the order of their numbers: threads may carry out decisions in any order, and the last one
/// decided must be the last one set.
final class RevisionGate: Sendable {
    private let last = Mutex(-1)

    /// Calls `set`, unless a setting with this or a later number was let through before; only one call at a time.
    func pass(_ revision: Int, _ set: () -> Void) {
        last.withLock { last in
            guard revision > last else { return }
            last = revision
            set()
        }
    }
}
