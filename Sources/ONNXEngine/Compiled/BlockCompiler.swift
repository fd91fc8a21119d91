import CONNXRuntime
import ModelServing
import ServingCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Makes the compiled copy of one block: the optimised graph in ONNX Runtime's own format, which it can use in place.
struct BlockCompiler {
    /// The process's runtime.
    let runtime: ORTRuntime
    /// The block.
    let id: BlockID
    /// Whose copy it is, for the trailer.
    let owner: UInt64

    /// Compiles `model` and puts the copy at `file`: temporary file, trailer, sync, rename.
    func compile(_ model: BlockModel, to file: String) throws(ServingError) {
        // ONNX Runtime tells the format by the ending.
        let temporary = "\(file).\(getpid()).ort"
        defer { unlink(temporary) }
        try writeOptimised(model, to: temporary)
        let payload = try read(temporary)
        let trailer = try self.trailer(of: payload)
        try append(trailer.bytes, to: temporary)
        guard rename(temporary, file) == 0 else { throw failure("naming its copy") }
    }

    private func writeOptimised(_ model: BlockModel, to file: String) throws(ServingError) {
        let api = runtime.api
        let options = try ORTHandle(
            owning: runtime.makeSessionOptions(optimisation: ORT_ENABLE_ALL),
            release: api.functions.pointee.ReleaseSessionOptions
        )
        try api.check(
            api.functions.pointee.SetOptimizedModelFilePath?(options.pointer, file),
            "asking for the optimised model"
        )
        _ = try ORTSession.make(model, block: id, options: options.pointer, runtime: runtime)
    }

    private func read(_ file: String) throws(ServingError) -> (memory: BlockMemory, hash: UInt64) {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw failure("reading its copy") }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_size > 0,
            let memory = BlockMemory(count: Int(information.st_size))
        else { throw failure("reading its copy") }
        var hash: UInt64 = 0
        guard CONNXRuntime_readHashed(descriptor, memory.start, memory.count, &hash) == 0 else {
            throw failure("reading its copy")
        }
        return (memory, hash)
    }

    /// Loads the copy both ways and keeps the better one.
    ///
    /// In place is faster. But weights that the runtime repacks then stay in memory twice: where that is more than half
    /// of the block again, memory is worth more than the time.
    private func trailer(of payload: (memory: BlockMemory, hash: UInt64)) throws(ServingError) -> CompiledTrailer {
        let inPlace = try measure(payload.memory, .inPlace)
        var mode = CompiledTrailer.Mode.inPlace
        var measurement = inPlace
        if inPlace.residentSize.rawValue > payload.memory.count / 2 * 3 {
            let copied = try measure(payload.memory, .copied)
            if copied.residentSize < inPlace.residentSize { (mode, measurement) = (.copied, copied) }
        }
        return CompiledTrailer(
            owner: owner,
            payloadCount: payload.memory.count,
            payloadHash: payload.hash,
            mode: mode,
            measurement: measurement
        )
    }

    private func measure(
        _ memory: BlockMemory,
        _ mode: CompiledTrailer.Mode
    ) throws(ServingError) -> BlockMeasurement {
        let start = SystemMonotonicClock.now()
        let (session, size) = try ORTSession.load(memory, mode, block: id, runtime: runtime)
        defer { withExtendedLifetime(session) {} }
        return BlockMeasurement(load: start.duration(to: SystemMonotonicClock.now()), residentSize: size)
    }

    private func append(_ bytes: [UInt8], to file: String) throws(ServingError) {
        let descriptor = open(file, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw failure("writing its copy") }
        defer { close(descriptor) }
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw failure("writing its copy")
        }
    }

    private func failure(_ doing: String) -> ServingError {
        ServingError(.engineFailed, "block \(id) could not be compiled: \(doing): \(String(cString: strerror(errno)))")
    }
}
