public import ServingCore

/// A folder of parameter blocks, each stored once under the hash of its content, and of the models made of them.
///
/// Whoever writes holds the store's lock; reading takes none. Blocks are written before the manifest that names them,
/// and every file appears under its name only when it is whole and on the disk: a process that is killed at any
/// moment leaves a store that opens.
public struct BlockStore: Hashable, Sendable {
    let layout: StoreLayout
    let writer: StoreWriter

    /// Opens the store in `directory`, which need not exist yet: the first import makes it.
    ///
    /// Throws ``CatalogError`` where there is something else than a folder.
    public init(directory: String) throws(CatalogError) {
        try self.init(directory: directory, afterStep: { _ in })
    }

    /// Opens a store that reports each step of writing, for tests that stop there.
    init(directory: String, afterStep: @escaping @Sendable (StoreStep) -> Void) throws(CatalogError) {
        guard !directory.isEmpty else { throw CatalogError(.unreadableFile, "a store needs a folder") }
        layout = StoreLayout(root: directory)
        writer = StoreWriter(layout: layout, afterStep: afterStep)
        guard Folder.isFolderOrMissing(directory) else {
            throw CatalogError(.unreadableFile, "\(directory): not a folder")
        }
    }

    /// The store's folder.
    public var directory: String { layout.root }

    /// Whether any model was ever imported into it.
    public var holdsModels: Bool { Folder.exists(layout.models) }

    /// Throws ``CatalogError`` of code `unreadableFile` where the store's folder does not exist.
    public func requireExisting() throws(CatalogError) {
        guard Folder.exists(directory) else {
            throw CatalogError(.unreadableFile, "there is no folder '\(directory)'; gateway import makes it")
        }
    }

    /// Throws ``CatalogError`` of code `storageFailed` where one of the store's own folders is a link or no folder: what is
    /// written or removed there would be somewhere else.
    func checkFolders() throws(CatalogError) {
        for folder in layout.folders where !Folder.isOwnFolderOrMissing(folder) {
            throw CatalogError(
                .storageFailed,
                "\(folder): is a symbolic link or no folder: the store does not write there"
            )
        }
    }

    /// The file of a block of this store.
    public func path(of block: BlockID) -> String { layout.file(of: block) }

    /// Checks that a block's file has the content its id stands for.
    ///
    /// Throws ``CatalogError`` of code `damagedStore` where it has not, or is missing.
    /// - Complexity: O(size of the file, and of those with its weights).
    public func verify(block: BlockID) throws(CatalogError) {
        guard StoreLayout.isHash(block.hash) else {
            throw CatalogError(.damagedStore, "'\(block.hash)' is not a block's hash")
        }
        let found: String
        do {
            found = try RegularFile(path(of: block), followsLinks: false).sha256()
        } catch {
            throw CatalogError(.damagedStore, "block \(block): \(error.message)")
        }
        guard found == block.hash else {
            throw CatalogError(.damagedStore, "block \(block): the content is not what was stored")
        }
        do {
            try verifyDetachedWeights(of: block)
        } catch {
            throw CatalogError(.damagedStore, error.message)
        }
    }

    /// Stores are equal where they are the same folder.
    public static func == (lhs: BlockStore, rhs: BlockStore) -> Bool { lhs.layout == rhs.layout }

    /// Hashes the folder's path.
    public func hash(into hasher: inout Hasher) { hasher.combine(layout) }
}
