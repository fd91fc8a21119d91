public import ServingCore

/// What checking every file of a store found.
public struct StoreCheck: Hashable, Sendable {
    /// How many models are sound.
    public var soundModels: Int
    /// How many blocks are sound.
    public var soundBlocks: Int
    /// What the sound blocks take on the disk.
    public var bytes: ByteCount
    /// What is wrong, a line each: manifests by name and version, then blocks by hash, with the models that use them.
    public var problems: [String]
}

extension BlockStore {
    /// Reads every manifest and every block and compares them with what was stored.
    ///
    /// Throws ``CatalogError`` only where the store itself cannot be read.
    /// - Complexity: O(bytes in the store).
    public func check() throws(CatalogError) -> StoreCheck {
        let listing = try listing()
        let use = listing.blockUse
        var result = StoreCheck(soundModels: 0, soundBlocks: 0, bytes: .zero, problems: [])
        for problem in listing.problems.sorted(by: { $0.key < $1.key }) {
            result.problems.append(problem.value.message)
        }
        var damaged = Set<BlockID>()
        for block in try storedBlocks() {
            do {
                try verify(block: block)
                result.soundBlocks += 1
                result.bytes = try result.bytes + storedSize(of: block)
            } catch {
                damaged.insert(block)
                let models = (use[block] ?? []).map(\.description).joined(separator: ", ")
                result.problems.append(
                    error.message + (models.isEmpty ? " (no model uses it)" : " (used by \(models))")
                )
            }
        }
        result.soundModels = listing.entries.count { $0.model.blocks.allSatisfy { !damaged.contains($0.id) } }
        return result
    }

    /// The blocks that have a file, by hash.
    func storedBlocks() throws(CatalogError) -> [BlockID] {
        try Folder.names(in: layout.blocks).compactMap { name in
            guard name.hasSuffix(".onnx") else { return nil }
            let hash = String(name.dropLast(5))
            return StoreLayout.isHash(hash) ? BlockID(hash) : nil
        }
    }
}
