import CONNXRuntime
import ModelCatalog
import ModelServing
import ServingCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Makes the compiled copy of one block: the graph as ONNX Runtime optimised it, with the weights aligned beside it.
struct BlockCompiler {
    /// The process's runtime.
    let runtime: ORTRuntime
    /// The block.
    let id: BlockID
    /// Whose copy it is, for the trailer.
    let owner: UInt64

    /// Compiles `model` and puts the copy at `file`: temporary file, trailer, sync, rename.
    ///
    /// The temporary file has the same name in a folder of its own: the graph refers to it by that name.
    func compile(_ model: BlockModel, to file: String) throws(ServingError) {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        guard let folder = WorkFolder(besides: file) else { throw failure("making a folder for a compiled copy") }
        let (optimised, temporary) = ("\(folder.path)/optimised.onnx", "\(folder.path)/\(name)")
        defer {
            for file in [optimised, "\(folder.path)/\(Self.weightFile)", temporary] { unlink(file) }
            withExtendedLifetime(folder) {}
        }
        let bytes = try optimise(model, at: optimised)
        // Where the runtime did not repack what it was thought to, it would go on using the file.
        if try !write(bytes, in: folder.path, named: name, packs: true) {
            _ = try write(bytes, in: folder.path, named: name, packs: false)
        }
        guard rename(temporary, file) == 0 else { throw failure("putting a compiled copy in its place") }
    }

    /// The model as ONNX Runtime optimises it, edges in the blocked layout included where it takes the stand-ins as meant.
    private func optimise(_ model: BlockModel, at file: String) throws(ServingError) -> ByteRegion {
        if case .bytes(let bytes) = model, let blocked = BlockedModel(bytes), let open = blocked.withStandIns() {
            try writeOptimised(.bytes(open), to: file)
            if let optimised = blocked.removingStandIns(from: try read(file)) { return optimised }
        }
        try writeOptimised(model, to: file)
        return try read(file)
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
        if case .file = model {
            // Perhaps more than one ONNX file holds.
            let key = "session.optimized_model_external_initializers_file_name"
            let status = api.functions.pointee.AddSessionConfigEntry?(options.pointer, key, Self.weightFile)
            try api.check(status, "asking for the optimised model")
        }
        do throws(ServingError) {
            _ = try ORTSession.make(model, block: id, options: options.pointer, runtime: runtime)
        } catch {
            // The runtime does not say that a disk is full.
            guard canWrite(besides: file) else { throw failure("writing an optimised graph") }
            throw error
        }
    }

    /// Whether there is room for a small file; if not, `errno` says why.
    private func canWrite(besides file: String) -> Bool {
        let probe = "\(file).probe"
        let descriptor = open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return false }
        let bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        // Only a part of it is written where the disk becomes full on the way.
        let reason = count < 0 ? errno : ENOSPC
        unlink(probe)
        close(descriptor)
        errno = reason
        return count == bytes.count
    }

    private func read(_ file: String) throws(ServingError) -> ByteRegion {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw failure("reading an optimised graph") }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_size > 0,
            let memory = BlockMemory(count: Int(information.st_size))
        else { throw failure("reading an optimised graph") }
        var hash: UInt64 = 0
        guard CONNXRuntime_readHashed(descriptor, memory.room, memory.count, 0, nil, 0, &hash) == 0 else {
            throw failure("reading an optimised graph")
        }
        return ByteRegion(owner: memory, start: memory.start, count: memory.count)
    }

    /// Writes a copy and loads it once; says whether everything that was to be repacked was.
    private func write(
        _ model: ByteRegion,
        in folder: String,
        named name: String,
        packs: Bool
    ) throws(ServingError) -> Bool {
        let file = "\(folder)/\(name)"
        let placed: PlacedModel
        do throws(CatalogError) {
            placed = try PlacedModel(model, in: folder, file: name, packs: packs)
        } catch {
            throw ServingError(.engineFailed, "taking the optimised graph apart: \(error.message)")
        }
        let writer = try CompiledWriter(file)
        let (parts, hash) = try writer.write(placed)
        try writer.finish(
            CompiledTrailer(owner: owner, parts: parts, hash: hash, mustPack: placed.mustPack),
            behind: parts.total ?? 0
        )
        let loaded = try load(file)
        withExtendedLifetime(loaded.session) {}
        return loaded.size.allocated >= parts.packed / 10 * 9
    }

    private func load(_ file: String) throws(ServingError) -> (session: ORTSession, size: SessionSize) {
        let content: CompiledFile.Content
        do throws(CompiledCopyFault) {
            content = try CompiledFile(file, owner: owner).copied(packing: true)
        } catch {
            throw ServingError(.engineFailed, "reading a compiled copy again: \(error)")
        }
        return try ORTSession.load(content, of: file, block: id, packing: true, runtime: runtime)
    }

    /// What ONNX Runtime writes weights to that it does not put into the optimised graph.
    private static let weightFile = "optimised.bin"

    private func failure(_ doing: String) -> ServingError {
        ServingError(.engineFailed, "\(doing): \(String(cString: strerror(errno)))")
    }
}
