import FoundationEssentials
import Glibc
import ServingCore
import Testing

@testable import ModelCatalog

struct StoreLeaseTests {
    private let folder: TemporaryFolder
    private let store: BlockStore

    init() throws {
        folder = try TemporaryFolder()
        store = try BlockStore(directory: "\(folder.path)/store")
        _ = try add([1, 2, 3], "digits")
        _ = try add([1, 2, 4], "parity")
    }

    private func add(_ seeds: [Float], _ name: String) throws -> ImportReport {
        try store.importModel(from: folder.write(.chain(seeds)), name: name, types: TypeTable())
    }

    @Test func `What a lease lists stays, and goes when the lease does`() throws {
        var lease: StoreLease? = try StoreLease(on: store)
        let listing = try #require(try lease?.renew())
        #expect(listing.entries.count == 2)
        _ = try store.remove("digits")
        #expect(try store.removeUnusedBlocks() == BlockStore.Freed(blocks: 0, bytes: .zero, blocksInUse: 1))
        for block in listing.entries.flatMap(\.model.blocks) { try store.verify(block: block.id) }
        lease = nil
        #expect(try store.removeUnusedBlocks().blocks == 1)
        #expect(try Folder.names(in: store.layout.leases).isEmpty)
    }

    @Test func `What was read last but one stays too, and nothing older`() throws {
        let lease = try StoreLease(on: store)
        _ = try lease.renew()
        _ = try store.remove("digits")
        _ = try lease.renew()
        #expect(try store.removeUnusedBlocks().blocks == 0)
        _ = try lease.renew()
        #expect(try store.removeUnusedBlocks().blocks == 1)
    }

    @Test func `Units of a lease keep their compiled copies`() throws {
        let lease = try StoreLease(on: store)
        let models = try lease.renew().entries.map(\.model)
        let unit = try #require(FusedCatalog(models).units.keys.first)
        try store.makeCompiledFolder(key: "key")
        let copy = store.compiledFile(of: unit, key: "key")
        try Data([1]).write(to: URL(filePath: copy))
        _ = try store.remove("digits")
        _ = try store.remove("parity")
        _ = try store.removeUnusedBlocks()
        #expect(FileManager.default.fileExists(atPath: copy))
        withExtendedLifetime(lease) {}
    }

    @Test func `Stale copies go with their folder, those of a key in use stay`() throws {
        let lease = try StoreLease(on: store, copies: "old-in-use")
        let block = try #require(try store.models().first?.model.blocks.first?.id)
        for key in ["old", "old-in-use", "new"] {
            try store.makeCompiledFolder(key: key)
            try Data(count: 10).write(to: URL(filePath: store.compiledFile(of: block, key: key)))
        }
        let freed = try store.removeUnusedBlocks { $0.hasPrefix("old") }
        #expect(freed == BlockStore.Freed(blocks: 0, bytes: ByteCount(10), staleCopies: 1))
        #expect(try Folder.names(in: store.layout.compiled).sorted() == ["new", "old-in-use"])
        for key in ["old-in-use", "new"] {
            #expect(FileManager.default.fileExists(atPath: store.compiledFile(of: block, key: key)))
        }
        withExtendedLifetime(lease) {}
    }

    @Test func `A lease whose process is gone counts for nothing`() throws {
        let blocks = try store.models().flatMap(\.model.blocks)
        let text = blocks.map { "\($0.id.hash)\n" }.joined()
        try store.writer.makeFolder(store.layout.leases)
        try Data(text.utf8).write(to: URL(filePath: store.layout.leases + "/1-1"))
        _ = try store.remove("digits")
        #expect(try store.removeUnusedBlocks().blocks == 1)
        #expect(try Folder.names(in: store.layout.leases).isEmpty)
    }

    @Test func `A lease that ends takes its file away, and a new one those of processes that are gone`() throws {
        do {
            let lease = try StoreLease(on: store)
            #expect(try Folder.names(in: store.layout.leases).count == 1)
            withExtendedLifetime(lease) {}
        }
        #expect(try Folder.names(in: store.layout.leases).isEmpty)
        for name in ["1-1", "1-2"] { try Data().write(to: URL(filePath: store.layout.leases + "/" + name)) }
        let kept = try StoreLease(on: store)
        let other = try StoreLease(on: store)
        #expect(try Folder.names(in: store.layout.leases).count == 2)
        withExtendedLifetime((kept, other)) {}
    }

    @Test func `Who has patience waits for a collection no longer than it said, or than it is let`() throws {
        let lock = try StoreLock(store.layout.leaseLock)
        let short = #expect(throws: CatalogError.self) {
            try StoreLease(on: store, patience: LockPatience(limit: .milliseconds(20)))
        }
        #expect(short?.code == .busyStore)
        let ended = LockPatience(limit: .seconds(3600))
        ended.end()
        #expect(throws: CatalogError.self) { try StoreLease(on: store, patience: ended) }
        withExtendedLifetime(lock) {}
    }

    @Test func `A lease makes no store`() throws {
        let missing = try BlockStore(directory: "\(folder.path)/typo")
        #expect(throws: CatalogError.self) { try StoreLease(on: missing) }
        #expect(throws: CatalogError.self) { try missing.requireExisting() }
        #expect(!Folder.exists(missing.directory))
    }

    @Test func `What a killed compilation left is swept, not what one works on`() throws {
        let hash = String(repeating: "a", count: 64)
        try store.makeCompiledFolder(key: "key")
        let copy = store.compiledFile(of: BlockID(hash), key: "key")
        for name in ["\(copy).abandon", "\(copy).working"] {
            try FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: false)
            try Data(count: 1000).write(to: URL(filePath: "\(name)/optimised.onnx"))
        }
        let descriptor = try FileDescriptor("\(copy).working", O_RDONLY | O_DIRECTORY, else: .storageFailed)
        #expect(flock(descriptor.number, LOCK_EX | LOCK_NB) == 0)
        #expect(try store.removeUnusedBlocks().bytes == ByteCount(1000))
        #expect(!FileManager.default.fileExists(atPath: "\(copy).abandon"))
        #expect(FileManager.default.fileExists(atPath: "\(copy).working/optimised.onnx"))
    }
}
