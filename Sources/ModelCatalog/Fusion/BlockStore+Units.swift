import FoundationEssentials
import Glibc
public import ServingCore
import SwiftProtobuf

extension BlockStore {
    /// The file in which a compiled copy of a block or unit lies, or would; `key` is the engine's.
    public func compiledFile(of id: BlockID, key: String) -> String {
        "\(compiledFolder(key: key))/\(id.hash)"
    }

    /// Makes the folder compiled copies go to; it may be deleted at any time.
    ///
    /// Throws ``CatalogError`` of code `storageFailed`.
    public func makeCompiledFolder(key: String) throws(CatalogError) {
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
        do {
            return ByteRegion(copying: try merged.serializedData())
        } catch {
            throw CatalogError(.damagedStore, "unit \(unit.id) cannot be written down: \(error)")
        }
    }

    private func model(of block: BlockID) throws(CatalogError) -> Onnx_ModelProto {
        try verify(block: block)
        do {
            let file = try RegularFile(path(of: block), followsLinks: false)
            return try Onnx_ModelProto(serializedBytes: file.read(atMost: Self.modelByteLimit))
        } catch {
            throw CatalogError(.damagedStore, "block \(block): \(error)")
        }
    }

    private func compiledFolder(key: String) -> String { "\(layout.root)/compiled/\(key)" }
}
