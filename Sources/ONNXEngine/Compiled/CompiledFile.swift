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
        /// Where the weights lie that are used there; nil where there are none.
        var memory: (any WeightMemory)?
        /// Where each of them lies.
        var weights: [PlacedModel.Weight]
        /// The graph as an ONNX file; it may lie in ``memory``.
        var graph: ByteRegion
    }

    /// What the copy says of itself.
    let trailer: CompiledTrailer
    private let owner: UInt64
    private let descriptor: Int32
    private let identity: FileIdentity

    /// Opens the copy of the block `owner` stands for.
    init(_ path: String, owner: UInt64) throws(CompiledCopyFault) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { throw .absent }
            throw .damaged(String(cString: strerror(errno)))
        }
        do throws(CompiledCopyFault) {
            (trailer, identity) = try Self.trailer(of: descriptor, owner: owner)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.owner = owner
    }

    deinit {
        close(descriptor)
    }

    /// How many bytes a session uses where they lie: without `packing`, matrices that it could repack, too.
    func residentCount(packing: Bool) -> Int { trailer.parts.placed + (packing ? 0 : trailer.parts.packed) }

    /// Whether it lies on another machine, which may change it or go away at any time.
    var isRemote: Bool { CONNXRuntime_isRemote(descriptor) != 0 }

    /// Reads all of it into memory of this process; throws where it is not what was written.
    func copied(packing: Bool) throws(CompiledCopyFault) -> Content {
        let count = residentCount(packing: packing)
        let memory = count > 0 ? try Self.memory(count) : nil
        let (graph, index) = try read(count, into: memory?.room)
        return Content(memory: memory, weights: try weights(in: index, upTo: count), graph: graph)
    }

    /// Maps it where it lies; hashed first, unless `known` has it as it is now and no byte of it has to come from the disk.
    ///
    /// Throws ``MappingFault`` where the process may not map it or not keep it in memory; ``CompiledCopyFault`` where it is not
    /// what was written.
    func mapped(packing: Bool, known: KnownCopies) throws -> Content {
        let count = residentCount(packing: packing)
        let all = try knownWeights(known)
        let mapping = try CopyMapping(of: descriptor, count: identity.byteCount, locking: count)
        let graph = ByteRegion(
            owner: mapping,
            start: mapping.start + trailer.parts.placed + trailer.parts.packed,
            count: trailer.parts.graph
        )
        let weights = packing ? all.filter { $0.offset < count } : all
        return Content(memory: mapping, weights: weights, graph: graph)
    }

    /// Where all weights lie, of a copy that is what was written.
    private func knownWeights(_ known: KnownCopies) throws(CompiledCopyFault) -> [PlacedModel.Weight] {
        if CONNXRuntime_isCached(descriptor, identity.byteCount) != 0, let copy = known.copy(of: owner, as: identity) {
            return copy.weights
        }
        let (_, index) = try read(0, into: nil)
        let weights = try weights(in: index, upTo: residentCount(packing: false))
        guard FileIdentity(of: descriptor) == identity else { throw .damaged("it changes while it is read") }
        if identity.isSettled { known.note(KnownCopies.Copy(identity: identity, weights: weights), of: owner) }
        return weights
    }

    private func weights(in index: ByteRegion, upTo count: Int) throws(CompiledCopyFault) -> [PlacedModel.Weight] {
        let limit = residentCount(packing: false)
        guard let weights = index.withUnsafeBytes({ WeightIndex.decode($0, limit: limit) }) else {
            throw .damaged("its index is not valid")
        }
        return count == limit ? weights : weights.filter { $0.offset < count }
    }

    /// Reads and hashes the file from its start to its trailer in one go: `count` bytes to `memory`, graph and index to memory
    /// of their own, the rest to nowhere.
    private func read(
        _ count: Int,
        into memory: UnsafeMutableRawPointer?
    ) throws(CompiledCopyFault) -> (graph: ByteRegion, index: ByteRegion) {
        let parts = trailer.parts
        // Mapped by itself: of a piece this large that is freed, the heap may keep all.
        let restCount = parts.graph + parts.index
        let rest = try Self.memory(max(restCount, 1))
        var hash = UInt64(0)
        let failure = CONNXRuntime_readHashed(
            descriptor,
            memory,
            count,
            parts.placed + parts.packed - count,
            rest.room,
            restCount,
            &hash
        )
        guard failure == 0 else { throw .damaged(String(cString: strerror(failure))) }
        guard hash == trailer.hash else { throw .damaged("the checksum does not match") }
        let region = ByteRegion(owner: rest, start: rest.room, count: restCount)
        guard let graph = region.slice(0..<parts.graph), let index = region.slice(parts.graph..<restCount)
        else { throw .damaged("its parts are not as long as it says") }
        return (graph, index)
    }

    private static func memory(_ count: Int) throws(CompiledCopyFault) -> BlockMemory {
        if let memory = BlockMemory(count: count) { return memory }
        throw .failed(ServingError(.memoryUnavailable, "\(count) bytes could not be mapped"))
    }

    private static func trailer(
        of descriptor: Int32,
        owner: UInt64
    ) throws(CompiledCopyFault) -> (CompiledTrailer, FileIdentity) {
        guard let identity = FileIdentity(of: descriptor), identity.byteCount > CompiledTrailer.byteCount
        else { throw .damaged("not a compiled copy") }
        let payloadCount = identity.byteCount - CompiledTrailer.byteCount
        var bytes = [UInt8](repeating: 0, count: CompiledTrailer.byteCount)
        let count = pread(descriptor, &bytes, bytes.count, off_t(payloadCount))
        guard count == bytes.count, let trailer = CompiledTrailer(bytes) else { throw .damaged("no valid trailer") }
        guard trailer.parts.total == payloadCount else { throw .damaged("its length is not what was written") }
        guard trailer.owner == owner else { throw .damaged("it is the copy of another block") }
        return (trailer, identity)
    }
}
