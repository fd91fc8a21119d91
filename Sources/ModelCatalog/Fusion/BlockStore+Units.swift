import FoundationEssentials
import Glibc
public import ServingCore
import SwiftProtobuf

extension BlockStore {
    /// The file in which a compiled copy of a block or unit lies, or would; `key` is the engine's.
    public func compiledFile(of id: BlockID, key: String) -> String {
        "\(compiledFolder(key: key))/\(id.hash)"
    }

    /// Whether there is something where that copy would lie.
    public func hasCompiledFile(of id: BlockID, key: String) -> Bool {
        access(compiledFile(of: id, key: key), F_OK) == 0
    }

    /// Removes what killed processes left of copies they were making under `key`.
    public func removeHalfMadeCopies(key: String) { _ = HalfMadeCopies(in: compiledFolder(key: key)).sweep() }

    /// Makes the folder compiled copies go to; it may be deleted at any time.
    ///
    /// Throws ``CatalogError`` of code `storageFailed`.
    public func makeCompiledFolder(key: String) throws(CatalogError) {
        try checkFolders()
        try writer.makeFolder(compiledFolder(key: key))
    }

    /// One ONNX model that does what the unit's blocks do, each checked against its hash while it is read.
    ///
    /// Throws ``CatalogError`` of code `damagedStore` where a block is missing or not what was stored.
    /// - Complexity: O(bytes of the blocks), which are all in memory at once.
    public func model(of unit: LoadingUnit) throws(CatalogError) -> ByteRegion {
        var blocks: [Onnx_ModelProto] = []
        for member in unit.members { blocks.append(try model(of: member.block)) }
        let merged = try UnitGraph(unit).merged(blocks)
        blocks = []
        return try bytes(of: merged, "unit \(unit.id)")
    }

    /// The model of a block that is a unit by itself, checked against its hash, with names for dimensions that vary.
    ///
    /// Throws ``CatalogError`` of code `damagedStore` where the block is missing or not what was stored.
    /// - Complexity: O(bytes of the block).
    public func model(ofLone block: BlockID) throws(CatalogError) -> ByteRegion {
        var model = try model(of: block)
        model.graph.nameDimensions()
        return try bytes(of: model, "block \(block)")
    }

    private func bytes(of model: Onnx_ModelProto, _ what: String) throws(CatalogError) -> ByteRegion {
        do {
            return ByteRegion(copying: try model.serializedData())
        } catch {
            throw CatalogError(.damagedStore, "\(what) cannot be written down: \(error)")
        }
    }

    private func model(of block: BlockID) throws(CatalogError) -> Onnx_ModelProto {
        try verify(block: block)
        do {
            let file = try RegularFile(path(of: block), followsLinks: false)
            var model = try Onnx_ModelProto(serializedBytes: file.read(atMost: Self.modelByteLimit))
            var external = ExternalData(folder: layout.blocks)
            try external.resolve(&model)
            return model
        } catch {
            throw CatalogError(.damagedStore, "block \(block): \(error)")
        }
    }

    /// The folder of the copies under `key`.
    func compiledFolder(key: String) -> String { "\(layout.compiled)/\(key)" }
}
