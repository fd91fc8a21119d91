import CONNXRuntime
import ModelCatalog
import ServingCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Writes a compiled copy to a temporary file.
final class CompiledWriter {
    private let descriptor: Int32
    private let hasher: OpaquePointer

    /// Makes the file, in place of one that a killed process left.
    init(_ path: String) throws(ServingError) {
        unlink(path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw Self.failure("making a compiled copy") }
        guard let hasher = CONNXRuntime_hasher() else {
            close(descriptor)
            throw ServingError(.engineFailed, "a compiled copy: no memory for its checksum")
        }
        self.descriptor = descriptor
        self.hasher = hasher
    }

    deinit {
        close(descriptor)
        CONNXRuntime_freeHasher(hasher)
    }

    /// Writes everything but the trailer, and returns lengths and hash.
    func write(_ model: PlacedModel) throws(ServingError) -> (parts: CompiledTrailer.Parts, hash: UInt64) {
        let index = WeightIndex.encode(model.weights)
        try model.forEachPiece { piece throws(ServingError) in try append(piece) }
        for bytes in [model.graph, index] {
            try bytes.withUnsafeBytes { bytes in Result { () throws(ServingError) in try append(bytes) } }.get()
        }
        let parts = CompiledTrailer.Parts(
            placed: model.placedByteCount,
            packed: model.packedByteCount,
            graph: model.graph.count,
            index: index.count
        )
        return (parts, CONNXRuntime_digest(hasher))
    }

    /// Writes the trailer behind `count` bytes, and brings all to the disk.
    func finish(_ trailer: CompiledTrailer, behind count: Int) throws(ServingError) {
        let bytes = trailer.bytes
        guard pwrite(descriptor, bytes, bytes.count, off_t(count)) == bytes.count, fsync(descriptor) == 0 else {
            throw Self.failure("writing a compiled copy")
        }
    }

    private func append(_ bytes: UnsafeRawBufferPointer) throws(ServingError) {
        CONNXRuntime_update(hasher, bytes.baseAddress, bytes.count)
        var written = 0
        while written < bytes.count {
            let count = systemWrite(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("writing a compiled copy") }
            written += count
        }
    }

    private static func failure(_ doing: String) -> ServingError {
        ServingError(.engineFailed, "\(doing): \(String(cString: strerror(errno)))")
    }
}

/// `write(2)`, which a method of this name would hide.
private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, start, count)
}
