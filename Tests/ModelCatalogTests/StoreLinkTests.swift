import Foundation
import ServingCore
import Testing

@testable import ModelCatalog

/// A store writes and removes in its own folders only, wherever links in it lead.
struct StoreLinkTests {
    private let folder: TemporaryFolder
    private let store: BlockStore
    private let elsewhere: String

    init() throws {
        folder = try TemporaryFolder()
        store = try BlockStore(directory: "\(folder.path)/store")
        elsewhere = "\(folder.path)/elsewhere"
        try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
        try Data("precious".utf8).write(to: URL(filePath: "\(elsewhere)/file"))
    }

    @Test(arguments: ["tmp", "blocks", "models", "compiled", "leases"])
    func `A folder that is a link is refused, and nothing where it leads is touched`(name: String) throws {
        try FileManager.default.createDirectory(atPath: store.directory, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: "\(store.directory)/\(name)",
            withDestinationPath: elsewhere
        )
        let before = try folder.files(below: elsewhere)
        let file = try folder.write(.chain([1, 2]))
        let error = #expect(throws: CatalogError.self) {
            try store.importModel(from: file, name: "digits", types: TypeTable())
        }
        #expect(error?.code == .storageFailed)
        #expect(error?.message.contains(name) == true)
        #expect(throws: CatalogError.self) { try store.removeUnusedBlocks() }
        #expect(throws: CatalogError.self) { try StoreLease(on: store) }
        if name == "compiled" { #expect(throws: CatalogError.self) { try store.makeCompiledFolder(key: "key") } }
        #expect(try folder.files(below: elsewhere) == before)
    }

    @Test func `A folder of a model that is a link is refused`() throws {
        try FileManager.default.createDirectory(atPath: store.layout.models, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: store.layout.folder(ofName: "digits"),
            withDestinationPath: elsewhere
        )
        let file = try folder.write(.chain([1, 2]))
        #expect(throws: CatalogError.self) { try store.importModel(from: file, name: "digits", types: TypeTable()) }
        #expect(try folder.files(below: elsewhere).count == 1)
    }

    @Test func `The store itself may be reached by a link`() throws {
        let link = "\(folder.path)/link"
        try FileManager.default.createDirectory(atPath: store.directory, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: store.directory)
        let linked = try BlockStore(directory: link)
        _ = try linked.importModel(from: folder.write(.chain([1, 2])), name: "digits", types: TypeTable())
        #expect(try store.models().count == 1)
    }
}
