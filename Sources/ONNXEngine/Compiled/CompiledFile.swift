import CONNXRuntime
import ModelCatalog
import ModelServing
import ServingCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// An open compiled copy whose trailer is in order.
struct CompiledFile: ~Copyable {
    /// What a copy holds, in memory and checked.
    struct Content {
        /// The weights that are used where they lie; nil where there are none.
        var memory: BlockMemory?
        /// Where each of them lies.
        var weights: [PlacedModel.Weight]
        /// The graph as an ONNX file.
        var graph: ByteRegion
    }

    /// What the copy says of itself.
    let trailer: CompiledTrailer
    private let descriptor: Int32

    /// Opens the copy of the block `owner` stands for.
    init(_ path: String, owner: UInt64) throws(CompiledCopyFault) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { throw .absent }
            throw .damaged(String(cString: strerror(errno)))
        }
        do throws(CompiledCopyFault) {
            trailer = try Self.trailer(of: descriptor, owner: owner)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Reads all of it; throws where it is not what was written.
    func content() throws(CompiledCopyFault) -> Content {
        let parts = trailer.parts
        let memory = parts.placed > 0 ? try Self.map(parts.placed) : nil
        // Mapped by itself: of a piece this large that is freed, the heap may keep all.
        let count = parts.graph + parts.index
        let rest = try Self.map(max(count, 1))
        try read(parts, into: memory, UnsafeMutableRawBufferPointer(start: rest.start, count: count))
        let region = ByteRegion(owner: rest, start: rest.start, count: count)
        guard let graph = region.slice(0..<parts.graph),
            let index = region.slice(parts.graph..<(parts.graph + parts.index)),
            let weights = index.withUnsafeBytes({ WeightIndex.decode($0, limit: parts.placed) })
        else { throw .damaged("its index is not valid") }
        return Content(memory: memory, weights: weights, graph: graph)
    }

    private static func map(_ count: Int) throws(CompiledCopyFault) -> BlockMemory {
        if let memory = BlockMemory(count: count) { return memory }
        throw .failed(ServingError(.memoryUnavailable, "\(count) bytes could not be mapped"))
    }

    private func read(
        _ parts: CompiledTrailer.Parts,
        into memory: BlockMemory?,
        _ rest: UnsafeMutableRawBufferPointer
    ) throws(CompiledCopyFault) {
        var hash: UInt64 = 0
        let failure = CONNXRuntime_readHashed(
            descriptor,
            memory?.start,
            parts.placed,
            parts.packed,
            rest.baseAddress,
            parts.graph + parts.index,
            &hash
        )
        guard failure == 0 else { throw .damaged(String(cString: strerror(failure))) }
        guard hash == trailer.hash else { throw .damaged("the checksum does not match") }
    }

    private static func trailer(of descriptor: Int32, owner: UInt64) throws(CompiledCopyFault) -> CompiledTrailer {
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG,
            information.st_size > CompiledTrailer.byteCount
        else { throw .damaged("not a compiled copy") }
        let payloadCount = Int(information.st_size) - CompiledTrailer.byteCount
        var bytes = [UInt8](repeating: 0, count: CompiledTrailer.byteCount)
        let count = pread(descriptor, &bytes, bytes.count, off_t(payloadCount))
        guard count == bytes.count, let trailer = CompiledTrailer(bytes) else { throw .damaged("no valid trailer") }
        guard trailer.parts.total == payloadCount else { throw .damaged("its length is not what was written") }
        guard trailer.owner == owner else { throw .damaged("it is the copy of another block") }
        return trailer
    }
}
