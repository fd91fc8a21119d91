import Glibc
public import ServingCore

extension BlockStore {
    /// What ``removeUnusedBlocks()`` removed.
    public struct Freed: Hashable, Sendable {
        /// How many blocks.
        public var blocks: Int
        /// What their files took, and compiled copies that go with them.
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

    /// Removes the blocks that no model uses with their compiled copies, and what killed imports left.
    ///
    /// Throws ``CatalogError`` of code `damagedStore` where a manifest is damaged: what it uses is not known then.
    public func removeUnusedBlocks() throws(CatalogError) -> Freed {
        var freed = Freed(blocks: 0, bytes: .zero)
        guard Folder.exists(layout.root) else { return freed }
        let lock = try StoreLock(layout.lock)
        defer { withExtendedLifetime(lock) {} }
        let models = try allModels()
        let used = Set(models.flatMap(\.blocks).map(\.id))
        try writer.removeLeftovers()
        var files: [String] = []
        for block in try storedBlocks() where !used.contains(block) {
            freed.bytes = try freed.bytes + fileSize(of: block)
            files.append(path(of: block))
        }
        freed.blocks = files.count
        for copy in try compiledCopies(besides: used.union(FusedCatalog(models).units.keys)) {
            freed.bytes = try freed.bytes + ByteCount(RegularFile(copy, followsLinks: false).size)
            files.append(copy)
        }
        try writer.remove(files)
        return freed
    }

    /// What the manifests name, whether or not it is there.
    private func allModels() throws(CatalogError) -> [ServableModel] {
        var models: [ServableModel] = []
        for name in try Folder.names(in: layout.models) where ModelID.isValidName(name) {
            let files = try Folder.names(in: layout.folder(ofName: name))
            for version in files.compactMap(StoreLayout.version(ofManifestNamed:)) {
                models.append(try manifest(of: ModelID(name: name, version: version)).model)
            }
        }
        return models
    }

    /// The compiled copies of blocks and units that are not in `used`.
    private func compiledCopies(besides used: Set<BlockID>) throws(CatalogError) -> [String] {
        var copies: [String] = []
        for key in try Folder.names(in: layout.compiled) {
            let folder = "\(layout.compiled)/\(key)"
            for name in try Folder.names(in: folder) where StoreLayout.isHash(name) && !used.contains(BlockID(name)) {
                copies.append("\(folder)/\(name)")
            }
        }
        return copies
    }
}
