import FoundationEssentials
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

    /// The names in the folder at `path`, sorted; none where there is no such folder.
    static func names(in path: String) throws(CatalogError) -> [String] {
        guard access(path, F_OK) == 0 || errno != ENOENT else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch {
            throw CatalogError(.damagedStore, "\(path): \(error)")
        }
    }
}
