import FoundationEssentials
import Glibc
import ServingCore
import Synchronization

/// What one process uses of a store, written down so that ``BlockStore/removeUnusedBlocks()`` leaves it alone.
///
/// A file in `leases/` that lists blocks and units. It counts as long as its lock is held: the system takes that back
/// when the process ends, however it ends, and the next collection removes the file. Any thread may call.
public final class StoreLease: Sendable {
    private let store: BlockStore
    private let name: String
    private let file: FileDescriptor
    private let patience: LockPatience?
    /// What the models read last, and those before them, are made of: batches may still be on their way.
    private let generations = Mutex<[Set<BlockID>]>([])
    private let copies: String?

    /// Takes a lease on nothing yet but the compiled copies under `key`, the engine's; removes those of processes that are gone.
    ///
    /// With `patience`, waits no longer for a collection than that says. Throws ``CatalogError`` of code `storageFailed` where
    /// the store is missing or cannot be written to.
    public init(
        on store: BlockStore,
        copies key: String? = nil,
        patience: LockPatience? = nil
    ) throws(CatalogError) {
        self.store = store
        self.patience = patience
        copies = key
        let folder = store.layout.leases
        try store.requireExisting()
        try store.checkFolders()
        try store.writer.makeFolder(folder)
        let lock = try StoreLock(store.layout.leaseLock, patience)
        defer { withExtendedLifetime(lock) {} }
        _ = try? Self.held(of: store)
        name = "\(folder)/\(getpid())-\(UInt64.random(in: .min ... .max))"
        file = try FileDescriptor(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, else: .storageFailed)
        guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else {
            throw CatalogError(.storageFailed, "\(name): \(SystemError.last)")
        }
        try write([])
    }

    deinit {
        unlink(name)
    }

    /// Reads the store, and keeps what its models are made of until the call after the next one.
    ///
    /// No collection comes between the two. Throws ``CatalogError`` where the store cannot be read or written.
    public func renew() throws(CatalogError) -> CatalogListing {
        let lock = try StoreLock(store.layout.leaseLock, patience)
        defer { withExtendedLifetime(lock) {} }
        let listing = try store.listing()
        let models = listing.entries.map(\.model)
        let used = store.loadedBlocks(of: models)
        try generations.withLock { generations throws(CatalogError) in
            generations = Array(generations.suffix(1)) + [used]
            try write(generations.reduce(into: []) { $0.formUnion($1) })
        }
        return listing
    }

    private func write(_ blocks: Set<BlockID>) throws(CatalogError) {
        let text = (copies.map { "\(Self.copiesMark)\($0)\n" } ?? "") + blocks.map { "\($0.hash)\n" }.sorted().joined()
        var bytes = Array(text.utf8)[...]
        var isWritten = ftruncate(file.number, 0) == 0 && lseek(file.number, 0, SEEK_SET) == 0
        while isWritten, !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(file.number, $0.baseAddress, $0.count) }
            isWritten = count > 0
            bytes = bytes.dropFirst(max(count, 0))
        }
        guard isWritten else { throw CatalogError(.storageFailed, "a lease: \(SystemError.last)") }
    }

    /// What the leases that are held list, blocks and keys of compiled copies; files of processes that are gone are removed.
    ///
    /// For who holds the lease lock.
    static func inUse(of store: BlockStore) throws(CatalogError) -> (blocks: Set<BlockID>, copies: Set<String>) {
        var used = (blocks: Set<BlockID>(), copies: Set<String>())
        for path in try held(of: store) {
            let content: Data
            do {
                content = try RegularFile(path, followsLinks: false).read(atMost: byteLimit)
            } catch {
                // A process that ends takes its lease away without the lock.
                if access(path, F_OK) != 0 { continue }
                throw error
            }
            let text = String(decoding: content, as: UTF8.self)
            for line in text.split(separator: "\n").map(String.init) {
                if StoreLayout.isHash(line) { used.blocks.insert(BlockID(line)) }
                if line.hasPrefix(copiesMark) { used.copies.insert(String(line.dropFirst(copiesMark.count))) }
            }
        }
        return used
    }

    /// The files of leases that are held; those of processes that are gone are removed.
    private static func held(of store: BlockStore) throws(CatalogError) -> [String] {
        var held: [String] = []
        for name in try Folder.names(in: store.layout.leases) {
            let path = "\(store.layout.leases)/\(name)"
            do {
                let file = try FileDescriptor(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, else: .unreadableFile)
                if flock(file.number, LOCK_SH | LOCK_NB) == 0 {
                    unlink(path)
                    continue
                }
            } catch {
                if access(path, F_OK) != 0 { continue }
                throw error
            }
            held.append(path)
        }
        return held
    }

    /// What stands before the key of compiled copies.
    private static let copiesMark = "copies "

    /// A hundred thousand blocks; more than this is no lease.
    private static let byteLimit = 8 << 20
}

extension BlockStore {
    /// Everything in the store, which `lease`, where there is one, keeps from now on.
    ///
    /// Throws ``CatalogError`` where the store cannot be read, or the lease not written down.
    public func listing(keptBy lease: StoreLease?) throws(CatalogError) -> CatalogListing {
        if let lease { return try lease.renew() }
        return try listing()
    }
}
