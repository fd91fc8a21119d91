import Glibc
public import ServingCore

extension BlockStore {
    /// What ``removeUnusedBlocks()`` removed.
    public struct Freed: Hashable, Sendable {
        /// How many blocks.
        public var blocks: Int
        /// What their files took.
        public var bytes: ByteCount
    }

    /// Takes a model out of the store: one version, or all of them; damaged ones too.
    ///
    /// Its blocks stay until ``removeUnusedBlocks()``. Gives what was removed, by version. Throws ``CatalogError`` of
    /// code `unknownModel` where there is no such model.
    public func remove(_ name: String, version: Int? = nil) throws(CatalogError) -> [ModelID] {
        guard ModelID.isValidName(name) else { throw CatalogError(.invalidName, "'\(name)' is not a model name") }
        let missing = CatalogError(.unknownModel, "the store has no model \(name)\(version.map { ":\($0)" } ?? "")")
        guard try !Folder.names(in: layout.models).isEmpty else { throw missing }
        let lock = try StoreLock(layout.lock)
        defer { withExtendedLifetime(lock) {} }
        let folder = layout.folder(ofName: name)
        let present = try Folder.names(in: folder).compactMap(StoreLayout.version(ofManifestNamed:)).sorted()
        let chosen = present.filter { version == nil || $0 == version }.map { ModelID(name: name, version: $0) }
        guard !chosen.isEmpty else { throw missing }
        try writer.remove(chosen.map(layout.manifest))
        // Fails where another version or a file of somebody else is left, as it should.
        _ = rmdir(folder)
        return chosen
    }

    /// Removes the blocks that no model uses, and what killed imports left.
    ///
    /// Throws ``CatalogError`` of code `damagedStore` where a manifest is damaged: what it uses is not known then.
    public func removeUnusedBlocks() throws(CatalogError) -> Freed {
        var freed = Freed(blocks: 0, bytes: .zero)
        guard Folder.exists(layout.root) else { return freed }
        let lock = try StoreLock(layout.lock)
        defer { withExtendedLifetime(lock) {} }
        let used = Set(try usedBlocks())
        try writer.removeLeftovers()
        var files: [String] = []
        for block in try storedBlocks() where !used.contains(block) {
            freed.bytes = try freed.bytes + fileSize(of: block)
            files.append(path(of: block))
        }
        try writer.remove(files)
        freed.blocks = files.count
        return freed
    }

    /// What the manifests name, whether or not it is there.
    private func usedBlocks() throws(CatalogError) -> [BlockID] {
        var used: [BlockID] = []
        for name in try Folder.names(in: layout.models) where ModelID.isValidName(name) {
            let files = try Folder.names(in: layout.folder(ofName: name))
            for version in files.compactMap(StoreLayout.version(ofManifestNamed:)) {
                used += try manifest(of: ModelID(name: name, version: version)).model.blocks.map(\.id)
            }
        }
        return used
    }
}
