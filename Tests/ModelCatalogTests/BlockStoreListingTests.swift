import FoundationEssentials
import Glibc
import ServingCore
import Testing

@testable import ModelCatalog

struct BlockStoreListingTests {
    private let folder: TemporaryFolder
    private let store: BlockStore
    private let good = ModelID(name: "good", version: 1)
    private let bad = ModelID(name: "bad", version: 1)

    /// A store with the models `good` and `bad`, which share no block.
    init() throws {
        folder = try TemporaryFolder()
        store = try BlockStore(directory: "\(folder.path)/store")
        for (id, seed) in [(good, 1), (bad, 10)] as [(ModelID, Float)] {
            let file = try folder.write(.chain([seed, seed + 1]))
            _ = try store.importModel(from: file, name: id.name, types: TypeTable())
        }
    }

    private func expectBadIsAProblem(_ context: String = "") throws {
        let listing = try store.listing()
        #expect(listing.entries.map(\.model.id) == [good], "\(context)")
        #expect(listing.problems.keys.contains(bad), "\(context)")
        let error = #expect(throws: CatalogError.self) { try store.models() }
        #expect(error?.code == .damagedStore, "\(context)")
    }

    private func overwriteManifest(_ change: (inout String) -> Void) throws {
        let path = store.layout.manifest(of: bad)
        var text = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
        change(&text)
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    @Test func `A store that does not exist is empty, and reading does not make it`() throws {
        let missing = try BlockStore(directory: "\(folder.path)/missing")
        #expect(try missing.models().isEmpty)
        #expect(!FileManager.default.fileExists(atPath: missing.directory))
    }

    @Test func `A store cannot be a file`() throws {
        let file = try folder.write(.chain([1]))
        #expect(throws: CatalogError(.unreadableFile, "\(file): not a folder")) { try BlockStore(directory: file) }
    }

    @Test func `A manifest with any byte changed is a problem, and the other models stay`() throws {
        let path = store.layout.manifest(of: bad)
        let content = try #require(FileManager.default.contents(atPath: path))
        let spaces = Set(" \n".utf8)
        for position in stride(from: 0, to: content.count, by: 7) where !spaces.contains(content[position]) {
            var changed = content
            changed[position] ^= 1
            try changed.write(to: URL(filePath: path))
            try expectBadIsAProblem("byte \(position)")
        }
    }

    @Test func `A manifest that is cut short, empty or of another format is a problem`() throws {
        try overwriteManifest { $0 = String($0.dropLast(10)) }
        try expectBadIsAProblem()
        try overwriteManifest { $0 = "" }
        try expectBadIsAProblem()
        try overwriteManifest { $0 = "{\"formatVersion\": 2}" }
        try expectBadIsAProblem()
        #expect(try store.listing().problems[bad]?.message == "model bad:1: format 2 is not known")
    }

    @Test func `A manifest of another model in its place is a problem`() throws {
        let other = try #require(FileManager.default.contents(atPath: store.layout.manifest(of: good)))
        try other.write(to: URL(filePath: store.layout.manifest(of: bad)))
        try expectBadIsAProblem()
    }

    @Test func `A manifest that is a link is a problem`() throws {
        let path = store.layout.manifest(of: bad)
        try FileManager.default.moveItem(atPath: path, toPath: "\(folder.path)/elsewhere.json")
        try FileManager.default.createSymbolicLink(
            atPath: path,
            withDestinationPath: "\(folder.path)/elsewhere.json"
        )
        try expectBadIsAProblem()
    }

    @Test func `A manifest whose checksum was made to fit is still checked for what it says`() throws {
        let manifest = ModelManifest(try store.entry(of: bad))
        let changes: [(inout ModelManifest) -> Void] = [
            { $0.steps[0].block = "../../../etc/passwd" },
            { $0.steps[0].block = $0.steps[0].block.uppercased() },
            { $0.steps[0].inputSlots = [5] },
            { $0.steps[0].inputSlots = [-1] },
            { $0.steps[1].inputSlots = [2] },
            { $0.steps[1].outputSlots = [1] },
            { $0.steps[1].outputSlots = [] },
            { $0.steps[0].fileBytes = -1 },
            { $0.steps[0].parameterBytes = -1 },
            { $0.steps[0].fileBytes += 1 },
            { $0.steps = [] },
            { $0.slotCount = .max },
            { $0.slotCount = -1 },
            { $0.outputSlots = [9] },
            { $0.outputSlots = [] },
            { $0.inputs[0].shape = [-2] },
            { $0.inputs[0].datatype = "FP128" },
            { $0.inputs[0].name = "" },
            { $0.name = "good" },
            { $0.version = 2 },
            { $0.sourceBytes = -1 },
        ]
        for (index, change) in changes.enumerated() {
            var changed = manifest
            change(&changed)
            #expect(changed != manifest)
            try changed.stored().write(to: URL(filePath: store.layout.manifest(of: bad)))
            try expectBadIsAProblem("change \(index)")
        }
        try manifest.stored().write(to: URL(filePath: store.layout.manifest(of: bad)))
        #expect(try store.models().count == 2)
    }

    @Test func `A block that is missing, too short or no file is a problem of its model`() throws {
        let block = try #require(try store.entry(of: bad).model.blocks.first).id
        let content = try #require(FileManager.default.contents(atPath: store.path(of: block)))
        try content.dropLast().write(to: URL(filePath: store.path(of: block)))
        try expectBadIsAProblem()
        #expect(throws: CatalogError.self) { try store.verify(block: block) }
        try FileManager.default.removeItem(atPath: store.path(of: block))
        try expectBadIsAProblem()
        #expect(throws: CatalogError.self) { try store.verify(block: block) }
        #expect(mkfifo(store.path(of: block), 0o600) == 0)
        try expectBadIsAProblem()
    }

    @Test func `A model whose block is cut short is repaired by an import, not doubled`() throws {
        let entry = try store.entry(of: bad)
        let block = try #require(entry.model.blocks.first).id
        let content = try #require(FileManager.default.contents(atPath: store.path(of: block)))
        let file = try folder.write(.chain([10, 11]))
        for damaged in [content.dropLast(), Data()] {
            try damaged.write(to: URL(filePath: store.path(of: block)))
            let report = try store.importModel(from: file, name: "bad", types: TypeTable())
            #expect(report.model == bad && report.isAlreadyPresent)
            #expect(report.blocks.filter(\.isRepaired).map(\.id) == [block])
            #expect(try store.models().count == 2)
        }
    }

    @Test func `A damaged manifest is replaced by an import of its version and skipped by others`() throws {
        try overwriteManifest { $0 = "" }
        let file = try folder.write(.chain([20, 21]))
        #expect(try store.importModel(from: file, name: "bad", types: TypeTable()).model.version == 2)
        #expect(try store.importModel(from: file, name: "bad", version: 1, types: TypeTable()).model.version == 1)
        #expect(try store.models().map(\.model.id.description) == ["bad:1", "bad:2", "good:1"])
    }

    @Test(arguments: ["1.json.bak", "01.json", "0.json", "-1.json", "one.json", "+1.json", " 1.json"])
    func `Other files in a model's folder are not versions`(name: String) throws {
        try Data("{}".utf8).write(to: URL(filePath: "\(store.layout.folder(ofName: "good"))/\(name)"))
        #expect(try store.models().map(\.model.id) == [bad, good])
    }

    @Test(arguments: ["../models/good/1.json", "", "abc"])
    func `What is no hash is no block`(hash: String) throws {
        #expect(throws: CatalogError(.damagedStore, "'\(hash)' is not a block's hash")) {
            try store.verify(block: BlockID(hash))
        }
    }
}
