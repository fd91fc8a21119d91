public import ServingCore

extension BlockStore {
    /// Blocks of more bytes have their large weights in files of their own: an ONNX file holds at most 2 GB, the graph included.
    public static let blockByteLimit = modelByteLimit - (64 << 20)

    /// Whether some of a block's weights lie in files of their own; false where the block cannot be read.
    ///
    /// - Complexity: O(nodes + weights), whatever the weights' bytes.
    public func hasDetachedWeights(_ block: BlockID) -> Bool { !detachedWeights(of: block).isEmpty }

    /// The files in which weights of a block lie that its own file refers to; none where the block cannot be read.
    func detachedWeights(of block: BlockID) -> [String] {
        guard let file = try? MappedFile("\(block.hash).onnx", in: layout.blocks, refusesHardLinks: false),
            let graph = file.withUnsafeBytes({ GraphOutline.graph(in: $0) })
        else { return [] }
        return DetachedWeight.names(in: graph).map { "\(layout.blocks)/\($0)" }
    }

    /// What a block takes on the disk, files of weights included.
    func storedSize(of block: BlockID) throws(CatalogError) -> ByteCount {
        var bytes = try RegularFile(path(of: block), followsLinks: false).size
        for weights in detachedWeights(of: block) { bytes += try RegularFile(weights, followsLinks: false).size }
        return ByteCount(bytes)
    }

    /// Throws where a file of weights is missing or has another content than its name says.
    func verifyDetachedWeights(of block: BlockID) throws(CatalogError) {
        for path in detachedWeights(of: block) {
            guard try isIntact(weights: path) else {
                throw CatalogError(.damagedStore, "block \(block): the content of \(path) is not what was stored")
            }
        }
    }

    /// Writes the block, behind its weights: who sees it finds them.
    func write(_ block: CanonicalBlock, as id: BlockID) throws(CatalogError) {
        for weight in block.weights {
            let path = "\(layout.blocks)/\(weight.name)"
            if (try? isIntact(weights: path)) != true { try writer.write(weight.bytes, to: path) }
        }
        try writer.write(block.data, to: layout.file(of: id))
    }

    /// The files of weights that none of `blocks` refers to.
    func unusedWeights(besides blocks: Set<BlockID>) throws(CatalogError) -> [String] {
        let stored = try Folder.names(in: layout.blocks).filter(DetachedWeight.isName).map { "\(layout.blocks)/\($0)" }
        guard !stored.isEmpty else { return [] }
        return Set(stored).subtracting(blocks.flatMap(detachedWeights)).sorted()
    }

    private func isIntact(weights path: String) throws(CatalogError) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return try RegularFile(path, followsLinks: false).sha256() == DetachedWeight.hash(inName: name)
    }
}
