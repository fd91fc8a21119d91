import FoundationEssentials
import ServingCore
import Testing

@testable import ModelCatalog

struct StoreMaintenanceTests {
    private let folder: TemporaryFolder
    private let store: BlockStore

    init() throws {
        folder = try TemporaryFolder()
        store = try BlockStore(directory: "\(folder.path)/store")
    }

    private func add(_ builder: ModelBuilder, _ name: String) throws -> ImportReport {
        try store.importModel(from: folder.write(builder), name: name, types: TypeTable())
    }

    private func flip(_ path: String) throws {
        var content = try #require(FileManager.default.contents(atPath: path))
        content[content.count / 2] ^= 1
        try content.write(to: URL(filePath: path))
    }

    @Test func `A sound store has no problems`() throws {
        #expect(try store.check() == StoreCheck(soundModels: 0, soundBlocks: 0, bytes: .zero, problems: []))
        let report = try add(.chain([1, 2, 3]), "digits")
        _ = try add(.chain([1, 2, 4]), "parity")
        let check = try store.check()
        #expect((check.soundModels, check.soundBlocks) == (2, 4))
        #expect(check.bytes > report.bytesNew)
        #expect(check.problems.isEmpty)
    }

    @Test func `Damage is listed with the models it concerns`() throws {
        let report = try add(.chain([1, 2, 3]), "digits")
        _ = try add(.chain([1, 5, 6]), "parity")
        let shared = report.blocks[0].id
        try flip(store.path(of: shared))
        try flip(store.layout.manifest(of: ModelID(name: "parity", version: 1)))
        let check = try store.check()
        #expect((check.soundModels, check.soundBlocks) == (0, 4))
        #expect(check.problems.count == 2)
        #expect(check.problems.first?.hasPrefix("model parity:1: ") == true)
        #expect(check.problems.last == "block \(shared): the content is not what was stored (used by digits:1)")
    }

    @Test func `Blocks go only when the last model that uses them is gone`() throws {
        _ = try add(.chain([1, 2, 3]), "digits")
        _ = try add(.chain([1, 2, 4]), "digits")
        _ = try add(.chain([1, 7, 8]), "parity")
        #expect(try store.removeUnusedBlocks() == BlockStore.Freed(blocks: 0, bytes: .zero))
        #expect(try store.remove("digits", version: 1) == [ModelID(name: "digits", version: 1)])
        #expect(try store.removeUnusedBlocks().blocks == 1)
        #expect(try store.remove("digits") == [ModelID(name: "digits", version: 2)])
        let before = try store.check().bytes
        let freed = try store.removeUnusedBlocks()
        #expect(freed.blocks == 2)
        #expect(try store.check().bytes + freed.bytes == before)
        #expect(try store.check().problems.isEmpty)
        #expect(try store.models().map(\.model.id.name) == ["parity"])
        #expect(!FileManager.default.fileExists(atPath: store.layout.folder(ofName: "digits")))
        #expect(try add(.chain([1, 2, 3]), "digits").model.version == 1)
    }

    @Test func `What is not there cannot be removed`() throws {
        let missing = CatalogError(.unknownModel, "the store has no model digits:2")
        #expect(throws: missing) { try store.remove("digits", version: 2) }
        _ = try add(.chain([1]), "digits")
        #expect(throws: missing) { try store.remove("digits", version: 2) }
        #expect(throws: CatalogError.self) { try store.remove("../models/digits") }
        #expect(try store.models().count == 1)
    }

    @Test func `While a manifest is damaged no block is removed; it can be removed itself`() throws {
        _ = try add(.chain([1, 2]), "digits")
        _ = try add(.chain([3, 4]), "parity")
        try flip(store.layout.manifest(of: ModelID(name: "digits", version: 1)))
        let error = #expect(throws: CatalogError.self) { try store.removeUnusedBlocks() }
        #expect(error?.code == .damagedStore)
        #expect(try store.check().soundBlocks == 4)
        _ = try store.remove("digits")
        #expect(try store.removeUnusedBlocks().blocks == 2)
    }

    @Test func `An empty store is swept too`() throws {
        #expect(try store.removeUnusedBlocks().blocks == 0)
        #expect(!FileManager.default.fileExists(atPath: store.directory))
    }
}
