import CONNXRuntime
import ModelServing
import ServingCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// An open compiled copy whose trailer is in order.
struct CompiledFile: ~Copyable {
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

    /// The payload in memory of its own; throws where it is not what was written.
    func payload() throws(CompiledCopyFault) -> BlockMemory {
        guard let memory = BlockMemory(count: trailer.payloadCount) else {
            throw .failed(ServingError(.memoryUnavailable, "\(trailer.payloadCount) bytes could not be mapped"))
        }
        var hash: UInt64 = 0
        let failure = CONNXRuntime_readHashed(descriptor, memory.start, memory.count, &hash)
        guard failure == 0 else { throw .damaged(String(cString: strerror(failure))) }
        guard hash == trailer.payloadHash else { throw .damaged("the checksum does not match") }
        return memory
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
        guard trailer.payloadCount == payloadCount else { throw .damaged("its length is not what was written") }
        guard trailer.owner == owner else { throw .damaged("it is the copy of another block") }
        return trailer
    }
}
