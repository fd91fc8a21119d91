import FoundationEssentials
import ServingCore
import Testing

@testable import ModelCatalog

struct BlockStoreImportTests {
    private let folder: TemporaryFolder
    private let store: BlockStore

    init() throws {
        folder = try TemporaryFolder()
        store = try BlockStore(directory: "\(folder.path)/deep/store")
    }

    private func add(_ builder: ModelBuilder, _ name: String, _ version: Int? = nil) throws -> ImportReport {
        try store.importModel(from: folder.write(builder), name: name, version: version, types: TypeTable())
    }

    @Test func `A model that was imported is there, block for block`() throws {
        let builder = ModelBuilder.chain([1, 2, 3])
        let report = try add(builder, "digits")
        let entry = try #require(try store.models().first)
        #expect(try store.models().count == 1)
        var plan = try builder.plan()
        // The second layer of such a chain multiplies the rows with each other.
        plan.mixedRows = report.mixedRows
        #expect(entry.mixedRows == report.mixedRows && entry.mixedRows != nil)
        let model = try plan.model(ModelID(name: "digits", version: 1))
        #expect(entry.model == model)
        #expect(!model.isBatchable)
        #expect(entry.sourceSize.rawValue == (try builder.data().count))
        #expect(report.model == entry.model.id)
        for block in entry.model.blocks {
            try store.verify(block: block.id)
            #expect(block.size == 16)
            let file = try #require(FileManager.default.contents(atPath: store.path(of: block.id)))
            #expect(file.count == entry.fileSize(of: block.id).rawValue)
        }
        let result = try SymbolicInterpreter.run(entry.model, inputs: ["input"]) { block in
            try #require(FileManager.default.contents(atPath: store.path(of: block)))
        }
        #expect(try result == SymbolicInterpreter.run(builder.data(), inputs: ["input"]))
    }

    @Test func `Blocks of another model are stored once, and both models name each other`() throws {
        let first = try add(.chain([1, 2, 3]), "first")
        let second = try add(.chain([1, 2, 4]), "second")
        #expect(first.blocks.map(\.isNew) == [true, true, true])
        #expect(first.bytesSaved == .zero)
        #expect(second.blocks.map(\.isNew) == [false, false, true])
        #expect(second.blocks.map(\.sharedWith) == [[first.model], [first.model], []])
        #expect(second.bytesNew == second.blocks[2].fileSize)
        #expect(second.bytesSaved == second.blocks[0].fileSize + second.blocks[1].fileSize)
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.layout.blocks).count == 4)
        #expect(try store.blockUse()[first.blocks[0].id] == [first.model, second.model])
    }

    @Test func `A block a model uses twice is stored and listed once`() throws {
        let report = try add(.chain([1, 1, 2]), "twice")
        #expect(report.blocks.count == 2)
        #expect(report.bytesSaved == report.blocks[0].fileSize)
    }

    @Test func `The same content under the same name changes nothing`() throws {
        let first = try add(.chain([1, 2]), "digits")
        let before = try folder.files(below: store.directory)
        let again = try add(.chain([1, 2], prefix: ""), "digits")
        #expect(again.isAlreadyPresent && !first.isAlreadyPresent)
        #expect(again.model.version == 1)
        #expect(again.bytesNew == .zero)
        #expect(try add(.chain([1, 2]), "digits", 1).isAlreadyPresent)
        #expect(try folder.files(below: store.directory) == before)
    }

    @Test func `Other content becomes the next version`() throws {
        _ = try add(.chain([1, 2]), "digits")
        #expect(try add(.chain([1, 3]), "digits").model.version == 2)
        #expect(try add(.chain([1, 4]), "digits", 7).model.version == 7)
        #expect(try add(.chain([1, 2]), "digits").model.version == 8)
        #expect(try store.models().map(\.model.id.version) == [1, 2, 7, 8])
    }

    @Test func `Other content under a version that exists is refused and changes nothing`() throws {
        _ = try add(.chain([1, 2]), "digits")
        let before = try folder.files(below: store.directory)
        #expect(
            throws: CatalogError(.versionExists, "digits:1 exists with other content: choose another version")
        ) { try add(.chain([1, 3]), "digits", 1) }
        #expect(try folder.files(below: store.directory) == before)
    }

    @Test(arguments: ["", "..", "../evil", "a/b", "/etc", ".hidden", "a\0b", "stats"])
    func `A name that could be a path is refused before anything is written`(name: String) throws {
        let error = #expect(throws: CatalogError.self) { try add(.chain([1]), name) }
        #expect(error?.code == .invalidName)
        #expect(!FileManager.default.fileExists(atPath: store.directory))
    }

    @Test(arguments: [0, -1, Int.min]) func `A version below 1 is refused`(version: Int) throws {
        let error = #expect(throws: CatalogError.self) { try add(.chain([1]), "digits", version) }
        #expect(error?.code == .invalidName)
    }

    @Test func `There is no version after the highest number`() throws {
        _ = try add(.chain([1]), "digits", .max)
        let error = #expect(throws: CatalogError.self) { try add(.chain([2]), "digits") }
        #expect(error?.code == .invalidName)
    }

    @Test func `A damaged block is written again by the next import that has it`() throws {
        let report = try add(.chain([1, 2]), "digits")
        let file = store.path(of: report.blocks[0].id)
        var content = try #require(FileManager.default.contents(atPath: file))
        content[content.count - 1] ^= 1
        try content.write(to: URL(filePath: file))
        #expect(throws: CatalogError.self) { try store.verify(block: report.blocks[0].id) }
        _ = try add(.chain([1, 2]), "digits")
        try store.verify(block: report.blocks[0].id)
    }

    @Test func `What killed imports left in tmp is removed by the next`() throws {
        _ = try add(.chain([1]), "digits")
        let leftover = "\(store.layout.temporary)/12345"
        try Data([1]).write(to: URL(filePath: leftover))
        _ = try add(.chain([2]), "digits")
        #expect(!FileManager.default.fileExists(atPath: leftover))
    }

    @Test func `Imports at the same time all arrive, each under a version of its own`() async throws {
        let files = try (0..<8).map { try folder.write(.chain([1, 2, Float(10 + $0)]), as: "\($0).onnx") }
        let versions = try await withThrowingTaskGroup(of: Int.self) { [store] group in
            for file in files {
                group.addTask { try store.importModel(from: file, name: "digits", types: TypeTable()).model.version }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(versions.sorted() == Array(1...8))
        #expect(try store.models().count == 8)
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.layout.blocks).count == 10)
    }
}
