import FoundationEssentials
import ServingCore
import SwiftProtobuf
import Testing

@testable import ModelCatalog

/// Blocks whose weights do not fit into one file; here that is more than 8 bytes.
struct DetachedWeightTests {
    private let folder: TemporaryFolder
    private let store: BlockStore

    init() throws {
        folder = try TemporaryFolder()
        store = try BlockStore(directory: "\(folder.path)/store")
    }

    private func add(_ builder: ModelBuilder, _ name: String, limit: Int = 8) throws -> ImportReport {
        try store.importModel(
            from: folder.write(builder),
            name: name,
            types: TypeTable(),
            blockByteLimit: limit
        )
    }

    private func weightFiles() throws -> [String] {
        try Folder.names(in: store.layout.blocks).filter(DetachedWeight.isName).sorted()
    }

    @Test func `Their weights lie beside them, under their own hash, and are found there`() throws {
        let report = try add(.chain([1, 2, 3]), "digits")
        #expect(report.blocks.count == 3)
        #expect(try weightFiles().count == 3)
        for block in report.blocks {
            #expect(store.hasDetachedWeights(block.id))
            let path = try #require(store.detachedWeights(of: block.id).first)
            let name = try #require(path.split(separator: "/").last.map(String.init))
            #expect(try weightFiles().contains(name))
            let bytes = try #require(FileManager.default.contents(atPath: path))
            #expect(bytes.count == 16)
            #expect(try store.storedSize(of: block.id) == block.fileSize)
        }
        #expect(try store.models().count == 1)
        #expect(try store.check().problems.isEmpty)
        #expect(try store.check().bytes == report.bytesNew)
    }

    @Test func `A block below the limit has none`() throws {
        let report = try add(.chain([1, 2, 3]), "digits", limit: 16)
        #expect(try weightFiles().isEmpty)
        #expect(!report.blocks.contains { store.hasDetachedWeights($0.id) })
    }

    @Test func `Equal blocks are one, whatever weights other models have`() throws {
        _ = try add(.chain([1, 2, 3]), "digits")
        let report = try add(.chain([1, 2, 4]), "parity")
        #expect(report.blocks.map(\.isNew) == [false, false, true])
        #expect(try weightFiles().count == 4)
    }

    @Test func `Changed and missing weights are noticed, and written again by another import`() throws {
        let report = try add(.chain([1, 2, 3]), "digits")
        let path = try #require(store.detachedWeights(of: report.blocks[1].id).first)
        var bytes = try #require(FileManager.default.contents(atPath: path))
        bytes[5] ^= 1
        try bytes.write(to: URL(filePath: path))
        let error = #expect(throws: CatalogError.self) { try store.verify(block: report.blocks[1].id) }
        #expect(error?.code == .damagedStore)
        #expect(try store.check().problems.count == 1)
        _ = try add(.chain([1, 2, 3]), "again")
        #expect(try store.check().problems.isEmpty)
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: CatalogError.self) { try store.verify(block: report.blocks[1].id) }
        #expect(throws: CatalogError.self) { try store.models() }
        _ = try add(.chain([1, 2, 3]), "once-more")
        #expect(try store.check().problems.isEmpty)
    }

    @Test func `Weights go with the last block that refers to them`() throws {
        _ = try add(.chain([1, 2, 3]), "digits")
        _ = try add(.chain([1, 2, 4]), "parity")
        _ = try store.remove("digits")
        let before = try store.check().bytes
        let freed = try store.removeUnusedBlocks()
        #expect(freed.blocks == 1)
        #expect(try store.check().bytes + freed.bytes == before)
        #expect(try weightFiles().count == 3)
        _ = try store.remove("parity")
        _ = try store.removeUnusedBlocks()
        #expect(try Folder.names(in: store.layout.blocks).isEmpty)
    }

    @Test func `A model that is kept as one block has its weights beside it, too`() throws {
        var builder = ModelBuilder.chain([1, 2, 3])
        builder.proto.trainingInfo = [Onnx_TrainingInfoProto()]
        let location = "weights.bin"
        var weights = Data()
        for index in builder.proto.graph.initializer.indices {
            let bytes = builder.proto.graph.initializer[index].rawData
            builder.proto.graph.initializer[index].refer(to: location, offset: weights.count, byteCount: bytes.count)
            weights += bytes
        }
        try weights.write(to: URL(filePath: "\(folder.path)/\(location)"))
        let report = try add(builder, "digits")
        #expect(report.blocks.count == 1)
        #expect(try weightFiles().count == 3)
        #expect(try store.check().problems.isEmpty)
    }

    @Test func `Weights of subgraphs cannot be put aside, and are refused with their size`() throws {
        var branch = ModelBuilder.graph(inputs: [], outputs: ["t"])
        branch.initializer = [ModelBuilder.tensor("w", [1, 2, 3, 4])]
        branch.node = [ModelBuilder.node("Identity", ["w"], ["t"])]
        var builder = ModelBuilder()
        builder.add("If", ["x"], ["y"], attributes: [ModelBuilder.attribute("then_branch", branch)])
        let error = #expect(throws: CatalogError.self) { try add(builder, "nested") }
        #expect(error?.code == .unsupportedModel)
        #expect(error?.message.contains("16 bytes of weights that are small or inside of subgraphs") == true)
    }
}
