import FoundationEssentials
import Glibc

/// Writes files so that each is there whole or not at all, whenever the process or the machine stops.
struct StoreWriter: Sendable {
    /// The store.
    let layout: StoreLayout
    /// Called after each step.
    let afterStep: @Sendable (StoreStep) -> Void

    /// Makes `folder` and those it lies in, where they are missing.
    func makeFolder(_ folder: String) throws(CatalogError) {
        if mkdir(folder, 0o755) == 0 {
            try sync(folder: parent(of: folder))
            afterStep(.folderMade)
            return
        }
        switch errno {
        case EEXIST:
            // Below the store's own folder, a link would lead what is written and removed there somewhere else.
            guard !folder.hasPrefix(layout.root + "/") || Folder.isOwnFolderOrMissing(folder) else {
                throw CatalogError(
                    .storageFailed,
                    "\(folder): is a symbolic link or no folder: the store does not write there"
                )
            }
        case ENOENT where parent(of: folder) != folder:
            try makeFolder(parent(of: folder))
            try makeFolder(folder)
        default: throw failure(folder)
        }
    }

    /// Removes what killed imports left in `tmp/`; only for who holds the lock, since nobody else writes there then.
    func removeLeftovers() throws(CatalogError) {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW
        if Folder.exists(layout.temporary) {
            let folder = try FileDescriptor(layout.temporary, flags, else: .storageFailed)
            for name in try Folder.names(in: layout.temporary) {
                guard unlinkat(folder.number, name, 0) == 0 else { throw failure("\(layout.temporary)/\(name)") }
            }
        }
        afterStep(.leftoversRemoved)
    }

    /// Removes files, those that are missing included, and their names from the disk.
    func remove(_ paths: [String]) throws(CatalogError) {
        for path in paths {
            guard unlink(path) == 0 || errno == ENOENT else { throw failure(path) }
        }
        for folder in Set(paths.map(parent)).sorted() { try sync(folder: folder) }
    }

    /// Puts `content` at `path`, in place of what is there: temporary file, write, sync, rename, sync of the folder.
    func write(_ content: Data, to path: String) throws(CatalogError) {
        let temporary = "\(layout.temporary)/\(getpid())"
        try writeTemporary(content, at: temporary)
        guard rename(temporary, path) == 0 else { throw failure(path) }
        afterStep(.renamed)
        try sync(folder: parent(of: path))
        afterStep(.folderSynced)
    }

    private func writeTemporary(_ content: Data, at path: String) throws(CatalogError) {
        let file = try FileDescriptor(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, else: .storageFailed)
        afterStep(.temporaryMade)
        var written = 0
        while written < content.count {
            let count = content.withUnsafeBytes { bytes in
                Glibc.write(file.number, bytes.baseAddress.map { $0 + written }, bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path) }
            written += count
        }
        afterStep(.temporaryWritten)
        guard fsync(file.number) == 0 else { throw failure(path) }
        afterStep(.temporarySynced)
    }

    private func sync(folder: String) throws(CatalogError) {
        let descriptor = try FileDescriptor(folder, O_RDONLY | O_DIRECTORY, else: .storageFailed)
        guard fsync(descriptor.number) == 0 else { throw failure(folder) }
    }

    private func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func failure(_ path: String) -> CatalogError {
        CatalogError(.storageFailed, "\(path): \(SystemError.last)")
    }
}
