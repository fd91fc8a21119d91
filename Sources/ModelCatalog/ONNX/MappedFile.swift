import FoundationEssentials
import Glibc

/// A file beside a model, mapped into memory.
///
/// `@unchecked Sendable` because nothing changes after `init`, and the mapping is read only.
final class MappedFile: @unchecked Sendable {
    /// How many bytes it has.
    let size: Int
    private let start: UnsafeRawPointer?

    /// Maps the file at `location`, a path relative to `folder`.
    ///
    /// Throws where the path leads out of the folder, where something on it is a symbolic link, and where it ends at
    /// anything but a regular file, with one name where hard links are refused.
    init(_ location: String, in folder: String, refusesHardLinks: Bool = true) throws(CatalogError) {
        let parts = location.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard !location.isEmpty, !location.utf8.contains(0),
            parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." })
        else {
            throw CatalogError(.invalidModel, "'\(location.prefix(200))' is no path inside the model's folder")
        }
        var parent = try FileDescriptor(folder, O_RDONLY | O_DIRECTORY, else: .unreadableFile)
        for part in parts.dropLast() {
            parent = try FileDescriptor(part, in: parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, called: location)
        }
        let file = try FileDescriptor(
            parts[parts.count - 1],
            in: parent,
            O_RDONLY | O_NONBLOCK | O_NOFOLLOW,
            called: location
        )
        var status = stat()
        guard fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw CatalogError(.unreadableFile, "'\(location)' is not a regular file")
        }
        guard status.st_nlink == 1 || !refusesHardLinks else {
            throw CatalogError(
                .unreadableFile,
                "'\(location)' has \(status.st_nlink) names: hard links are not followed"
            )
        }
        size = Int(status.st_size)
        guard size > 0 else {
            start = nil
            return
        }
        guard let mapped = mmap(nil, size, PROT_READ, MAP_PRIVATE, file.number, 0), mapped != MAP_FAILED else {
            throw CatalogError(.unreadableFile, "'\(location)': \(SystemError.last)")
        }
        start = UnsafeRawPointer(mapped)
    }

    deinit {
        if let start { munmap(UnsafeMutableRawPointer(mutating: start), size) }
    }

    /// Calls `body` with all bytes, where they lie.
    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: start, count: size))
    }

    /// `count` bytes from `offset` on, where they lie; nil where the file does not have them.
    func bytes(at offset: Int, count: Int) -> Data? {
        guard offset >= 0, count >= 0, offset <= size, count <= size - offset else { return nil }
        guard let start, count > 0 else { return Data() }
        let place = UnsafeMutableRawPointer(mutating: start + offset)
        return Data(bytesNoCopy: place, count: count, deallocator: .custom { _, _ in withExtendedLifetime(self) {} })
    }
}
