import Crypto
import Foundation
import ServingCore
import TestSupport

@testable import ModelCatalog

/// A block store in a temporary folder, with models whose blocks are text that only ``FakeEngine`` takes.
final class FakeStore: Sendable {
    let folder: String
    let store: BlockStore

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "fake-store-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        store = try BlockStore(directory: folder)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// The block called `name`, of `bytes` bytes in memory.
    static func block(_ name: String, bytes: Int = 10) -> ParameterBlock {
        ParameterBlock(id: BlockID(SHA256.hash(data: Data(name.utf8)).hexadecimal), size: ByteCount(bytes))
    }

    /// Puts a chain of blocks into the store, as an import does, from any thread: blocks first, then the manifest.
    func add(_ name: String, version: Int = 1, _ blocks: [String], bytes: Int = 10) throws {
        for folder in [store.layout.blocks, store.layout.models, store.layout.temporary] {
            try store.writer.makeFolder(folder)
        }
        let lock = try StoreLock(store.layout.lock)
        defer { withExtendedLifetime(lock) {} }
        var model = ServableModel.chain(name, blocks: blocks.map { Self.block($0, bytes: bytes) })
        model.id = ModelID(name: name, version: version)
        var sizes: [BlockID: ByteCount] = [:]
        for name in blocks {
            let id = Self.block(name).id
            try store.writer.write(Data(name.utf8), to: store.path(of: id))
            sizes[id] = ByteCount(name.utf8.count)
        }
        let entry = CatalogEntry(
            model: model,
            fileSizes: sizes,
            sourceSHA256: String(repeating: "0", count: 64),
            sourceSize: 0,
            fallback: nil
        )
        try store.writer.makeFolder(store.layout.folder(ofName: name))
        try store.writer.write(ModelManifest(entry).stored(), to: store.layout.manifest(of: model.id))
    }

    /// The file of a model's manifest.
    func manifest(_ name: String, version: Int = 1) -> String {
        store.layout.manifest(of: ModelID(name: name, version: version))
    }

    /// The file of a block.
    func file(ofBlock name: String) -> String { store.path(of: Self.block(name).id) }

    /// Puts `text` in place of a file's content.
    func overwrite(_ file: String, with text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: file))
    }
}

/// The lock that a collection holds, as another process would have it.
final class HeldLock {
    private var lock: FileDescriptor?

    init(_ store: FakeStore) throws {
        let file = try FileDescriptor(store.store.layout.leaseLock, O_RDWR | O_CREAT, else: .storageFailed)
        guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else { throw CatalogError(.storageFailed, "is held") }
        lock = consume file
    }

    func release() { lock = nil }
}
