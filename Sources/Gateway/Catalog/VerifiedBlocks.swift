internal import ModelCatalog
internal import ServingCore
private import Synchronization

/// The files of the store's blocks, each checked against its hash before the engine first sees it.
///
/// Once for each process: the check reads the whole file, and a block may be loaded many times.
final class VerifiedBlocks: Sendable {
    private let store: BlockStore
    private let verified = Mutex<Set<BlockID>>([])

    init(store: BlockStore) {
        self.store = store
    }

    /// The block's file.
    ///
    /// - Throws: ``ServingError/Code/modelUnavailable`` where the file is missing or is not what was written.
    func path(of block: BlockID) throws(ServingError) -> String {
        if !verified.withLock({ $0.contains(block) }) {
            do throws(CatalogError) {
                try store.verify(block: block)
            } catch {
                throw error.servingError
            }
            verified.withLock { _ = $0.insert(block) }
        }
        return store.path(of: block)
    }
}
