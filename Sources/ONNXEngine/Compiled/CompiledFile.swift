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
        var memory: BlockMemory?
        if parts.placed > 0 {
            memory = BlockMemory(count: parts.placed)
            guard memory != nil else {
                throw .failed(ServingError(.memoryUnavailable, "\(parts.placed) bytes could not be mapped"))
            }
        }
        let rest = ByteStorage(capacity: parts.graph + parts.index)
        var outcome = Result<Void, CompiledCopyFault>.success(())
        rest.fill { room in
            outcome = Result { () throws(CompiledCopyFault) in try read(parts, into: memory, room) }
            return parts.graph + parts.index
        }
        try outcome.get()
        guard let graph = rest.region.slice(0..<parts.graph),
            let index = rest.region.slice(parts.graph..<(parts.graph + parts.index)),
            let weights = index.withUnsafeBytes({ WeightIndex.decode($0, limit: parts.placed) })
        else { throw .damaged("its index is not valid") }
        return Content(memory: memory, weights: weights, graph: graph)
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
