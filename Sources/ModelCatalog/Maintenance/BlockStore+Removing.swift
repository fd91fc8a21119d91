import Glibc
public import ServingCore

extension BlockStore {
    /// What ``removeUnusedBlocks()`` removed.
    public struct Freed: Hashable, Sendable {
        /// How many blocks.
        public var blocks = 0
        /// What their files took, and compiled copies that go with them.
        public var bytes = ByteCount.zero
        /// How many blocks no model in the store uses, but a running process does: they stay.
        public var blocksInUse = 0
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

    /// Removes the blocks that no model and no running process uses with their compiled copies, and what killed
    /// imports and compilations left.
    ///
    /// Throws ``CatalogError`` of code `damagedStore` where a manifest is damaged: what it uses is not known then.
    public func removeUnusedBlocks() throws(CatalogError) -> Freed {
        guard Folder.exists(layout.root) else { return Freed() }
        let lock = try StoreLock(layout.lock)
        let leaseLock = try StoreLock(layout.leaseLock)
        defer {
            withExtendedLifetime(leaseLock) {}
            withExtendedLifetime(lock) {}
        }
        let models = try allModels()
        let named = loadedBlocks(of: models)
        let leased = try StoreLease.blocksInUse(of: self).subtracting(named)
        try writer.removeLeftovers()
        var freed = try freed(besides: named.union(leased))
        freed.blocksInUse = try storedBlocks().count(where: leased.contains)
        for folder in try compiledFolders() { freed.bytes += HalfMadeCopies(in: folder).sweep() }
        return freed
    }

    private func freed(besides used: Set<BlockID>) throws(CatalogError) -> Freed {
        var freed = Freed()
        var files: [String] = []
        for block in try storedBlocks() where !used.contains(block) {
            freed.bytes += try fileSize(of: block)
            files.append(path(of: block))
        }
        freed.blocks = files.count
        for copy in try compiledCopies(besides: used) {
            freed.bytes += ByteCount(try RegularFile(copy, followsLinks: false).size)
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
        for folder in try compiledFolders() {
            for name in try Folder.names(in: folder) where StoreLayout.isHash(name) && !used.contains(BlockID(name)) {
                copies.append("\(folder)/\(name)")
            }
        }
        return copies
    }

    /// The folders of compiled copies, one for each kind of engine and processor.
    private func compiledFolders() throws(CatalogError) -> [String] {
        try Folder.names(in: layout.compiled).map { "\(layout.compiled)/\($0)" }.filter(Folder.exists)
    }
}
