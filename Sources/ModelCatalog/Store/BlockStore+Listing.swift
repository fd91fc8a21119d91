public import ServingCore

extension BlockStore {
    /// Everything in the store; a model whose manifest or blocks are not as they should be is a problem, not an entry.
    ///
    /// Looks at the blocks' sizes, not at their content: that is ``verify(block:)``. Throws ``CatalogError`` only
    /// where the store itself cannot be read.
    public func listing() throws(CatalogError) -> CatalogListing {
        var listing = CatalogListing(entries: [], problems: [:])
        for name in try Folder.names(in: layout.models) where ModelID.isValidName(name) {
            let files = try Folder.names(in: layout.folder(ofName: name))
            for version in files.compactMap(StoreLayout.version(ofManifestNamed:)).sorted() {
                let id = ModelID(name: name, version: version)
                do {
                    listing.entries.append(try entry(of: id))
                } catch {
                    listing.problems[id] = error
                }
            }
        }
        return listing
    }

    /// The models of the store, by name and version; throws ``CatalogError`` where one of them is damaged.
    public func models() throws(CatalogError) -> [CatalogEntry] {
        let listing = try listing()
        if let problem = listing.problems.min(by: { $0.key < $1.key }) { throw problem.value }
        return listing.entries
    }

    /// For each block, the models that use it, by name and version; damaged models are left out.
    public func blockUse() throws(CatalogError) -> [BlockID: [ModelID]] { try listing().blockUse }

    /// One model of the store.
    ///
    /// Throws ``CatalogError`` of code `damagedStore` where its manifest is missing or was changed, or where a block
    /// is missing or has another size.
    public func entry(of id: ModelID) throws(CatalogError) -> CatalogEntry {
        do {
            let entry = try manifest(of: id)
            for (block, size) in entry.fileSizes { try check(block, hasSize: size) }
            return entry
        } catch {
            throw CatalogError(.damagedStore, "model \(id): \(error.message)")
        }
    }

    /// What a model's manifest says; throws where it is missing or was changed.
    func manifest(of id: ModelID) throws(CatalogError) -> CatalogEntry {
        do {
            let file = try RegularFile(layout.manifest(of: id), followsLinks: false)
            return try ModelManifest(stored: file.read(atMost: Self.manifestByteLimit)).entry(of: id)
        } catch {
            throw CatalogError(.damagedStore, error.message)
        }
    }

    /// A manifest of a thousand blocks has some 300 KB; more than this is none.
    private static let manifestByteLimit = 16 << 20

    /// Whether all blocks of a model are there, by the sizes of their files.
    public func hasBlocks(of entry: CatalogEntry) -> Bool {
        do {
            for (block, size) in entry.fileSizes { try check(block, hasSize: size) }
            return true
        } catch {
            return false
        }
    }

    private func check(_ block: BlockID, hasSize size: ByteCount) throws(CatalogError) {
        let own = ByteCount(try RegularFile(path(of: block), followsLinks: false).size)
        guard own != size else { return }
        let found = try storedSize(of: block)
        guard found == size else {
            throw CatalogError(.damagedStore, "block \(block) has \(found.rawValue) bytes instead of \(size.rawValue)")
        }
    }
}
