import Glibc
public import ServingCore

extension BlockStore {
    /// What ``removeUnusedBlocks(staleCopies:)`` removed.
    public struct Freed: Hashable, Sendable {
        /// How many blocks.
        public var blocks = 0
        /// What their files took, and compiled copies that go with them.
        public var bytes = ByteCount.zero
        /// How many compiled copies no engine here will use any more.
        public var staleCopies = 0
        /// How many blocks no model in the store uses, but a running process does: they stay.
        public var blocksInUse = 0
    }

    /// Takes a model out of the store: one version, or all of them; damaged ones too.
    ///
    /// Its blocks stay until ``removeUnusedBlocks(staleCopies:)``. Gives what was removed, by version. Throws ``CatalogError`` of
    /// code `unknownModel` where there is no such model.
    public func remove(_ name: String, version: Int? = nil) throws(CatalogError) -> [ModelID] {
        guard ModelID.isValidName(name) else { throw CatalogError.invalidName(name) }
        let missing = CatalogError(.unknownModel, "the store has no model \(name)\(version.map { ":\($0)" } ?? "")")
        guard try !Folder.names(in: layout.models).isEmpty else { throw missing }
        try checkFolders()
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
    /// Copies under keys that `isStale` tells go too, unless a running process uses that key. Throws ``CatalogError`` of code
    /// `damagedStore` where a manifest is damaged: what it uses is not known then.
    public func removeUnusedBlocks(
        staleCopies isStale: (String) -> Bool = { _ in false }
    ) throws(CatalogError) -> Freed {
        guard Folder.exists(layout.root) else { return Freed() }
        try checkFolders()
        let lock = try StoreLock(layout.lock)
        let leaseLock = try StoreLock(layout.leaseLock)
        defer {
            withExtendedLifetime(leaseLock) {}
            withExtendedLifetime(lock) {}
        }
        let models = try allModels()
        let named = loadedBlocks(of: models)
        let inUse = try StoreLease.inUse(of: self)
        let leased = inUse.blocks.subtracting(named)
        try writer.removeLeftovers()
        let stale = try compiledKeys().filter { isStale($0) && !inUse.copies.contains($0) }
        var freed = try freed(besides: named.union(leased), stale: Set(stale))
        freed.blocksInUse = try storedBlocks().count(where: leased.contains)
        for key in try compiledKeys() { freed.bytes += HalfMadeCopies(in: compiledFolder(key: key)).sweep() }
        // Fails where somebody still works there, as it should.
        for key in stale { _ = rmdir(compiledFolder(key: key)) }
        return freed
    }

    private func freed(besides used: Set<BlockID>, stale: Set<String>) throws(CatalogError) -> Freed {
        var freed = Freed()
        var files: [String] = []
        for block in try storedBlocks() where !used.contains(block) {
            files.append(path(of: block))
        }
        freed.blocks = files.count
        files += try unusedWeights(besides: used)
        for file in files { freed.bytes += ByteCount(try RegularFile(file, followsLinks: false).size) }
        for key in try compiledKeys() {
            let copies = try compiledCopies(key, besides: stale.contains(key) ? [] : used)
            for copy in copies { freed.bytes += ByteCount(try RegularFile(copy, followsLinks: false).size) }
            if stale.contains(key) { freed.staleCopies += copies.count }
            files += copies
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

    /// The compiled copies under `key` of blocks and units that are not in `used`.
    private func compiledCopies(_ key: String, besides used: Set<BlockID>) throws(CatalogError) -> [String] {
        try Folder.names(in: compiledFolder(key: key))
            .filter { StoreLayout.isHash($0) && !used.contains(BlockID($0)) }
            .map { "\(compiledFolder(key: key))/\($0)" }
    }

    /// The keys of compiled copies, one for each kind of engine and processor.
    private func compiledKeys() throws(CatalogError) -> [String] {
        try Folder.names(in: layout.compiled).filter { Folder.exists(compiledFolder(key: $0)) }
    }
}
