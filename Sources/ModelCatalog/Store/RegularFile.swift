import Crypto
import FoundationEssentials
import Glibc

/// An open file that is known to be a regular one, for reading.
struct RegularFile: ~Copyable {
    private let descriptor: FileDescriptor
    private let path: String
    /// How many bytes it has.
    let size: Int

    /// Opens `path`; throws where it is missing, is not a regular file, or is a link that may not be followed.
    init(_ path: String, followsLinks: Bool) throws(CatalogError) {
        // Without O_NONBLOCK, opening a FIFO would wait for a writer.
        let flags = O_RDONLY | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW)
        let descriptor = try FileDescriptor(path, flags, else: .unreadableFile)
        var status = stat()
        guard fstat(descriptor.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw CatalogError(.unreadableFile, "\(path): not a regular file")
        }
        self.init(descriptor, path: path, size: Int(status.st_size))
    }

    private init(_ descriptor: consuming FileDescriptor, path: String, size: Int) {
        self.descriptor = descriptor
        self.path = path
        self.size = size
    }

    /// The content; throws where it is over `limit` bytes, also if it grew while it was read.
    func read(atMost limit: Int) throws(CatalogError) -> Data {
        guard size <= limit else {
            throw CatalogError(.unreadableFile, "\(path): \(size) bytes, over the limit of \(limit)")
        }
        var content = Data(capacity: size)
        try forEachChunk { chunk throws(CatalogError) in
            guard content.count + chunk.count <= limit else {
                throw CatalogError(.unreadableFile, "\(path): over the limit of \(limit) bytes")
            }
            content.append(contentsOf: chunk)
        }
        return content
    }

    /// SHA-256 of the content in lower-case hexadecimal.
    func sha256() throws(CatalogError) -> String {
        var hash = SHA256()
        try forEachChunk { hash.update(bufferPointer: $0) }
        return hash.finalize().hexadecimal
    }

    private func forEachChunk(
        _ body: (UnsafeRawBufferPointer) throws(CatalogError) -> Void
    ) throws(CatalogError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { buffer.deallocate() }
        var offset = 0
        while true {
            let count = pread(descriptor.number, buffer.baseAddress, buffer.count, offset)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CatalogError(.unreadableFile, "\(path): \(SystemError.last)") }
            guard count > 0 else { return }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += count
        }
    }
}
