import Glibc

/// Questions about folders.
enum Folder {
    /// Whether `path` is a folder, or nothing at all.
    static func isFolderOrMissing(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return errno == ENOENT }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether there is a folder at `path`.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether `path` is a folder itself, not a link to one, or nothing at all.
    static func isOwnFolderOrMissing(_ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return errno == ENOENT }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in the folder at `path`, sorted; none where there is no such folder.
    static func names(in path: String) throws(CatalogError) -> [String] {
        guard let folder = opendir(path) else {
            if errno == ENOENT { return [] }
            throw CatalogError(.damagedStore, "\(path): \(SystemError.last)")
        }
        defer { closedir(folder) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw CatalogError(.damagedStore, "\(path): \(SystemError.last)") }
        return names.sorted()
    }
}
