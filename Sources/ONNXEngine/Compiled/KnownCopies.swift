import ModelCatalog
import Synchronization

/// The copies that were hashed since the start and found to be what was written, with what was read of them then.
///
/// A copy is asked for by its owner: the hash of its block's id and of the compilation key.
final class KnownCopies: Sendable {
    /// One copy that is known to be sound.
    struct Copy: Sendable {
        /// The file as it was when it was hashed.
        var identity: FileIdentity
        /// Where each of its weights lies.
        var weights: [PlacedModel.Weight]
    }

    private let copies = Mutex<[UInt64: Copy]>([:])
    /// Beyond that all are forgotten, and hashed once more.
    private static let most = 100_000

    /// What is known of the file as it is now; nil where it is not the one that was hashed.
    func copy(of owner: UInt64, as identity: FileIdentity) -> Copy? {
        copies.withLock { copies in
            guard let known = copies[owner], known.identity == identity else { return nil }
            return known
        }
    }

    /// Notes that a copy was hashed.
    func note(_ copy: Copy, of owner: UInt64) {
        copies.withLock { copies in
            if copies.count >= Self.most { copies.removeAll() }
            copies[owner] = copy
        }
    }

    /// Has the copy hashed again when it is next used.
    func forget(_ owner: UInt64) { copies.withLock { copies in copies[owner] = nil } }
}
