import CONNXRuntime
public import ModelServing
public import ServingCore

extension ONNXEngine: CompilingEngine {
    /// "onnxruntime-1.32.0-", a hash of what the processor can do, and the format's number.
    public var compilationKey: String { runtime.compilationKey }

    /// The key of copies, and the number of threads.
    public var calibrationKey: String { runtime.calibrationKey }

    /// Whether no engine of this program will use copies made under `key` on this machine any more: their format or their
    /// version of ONNX Runtime is gone. Without `engine`, where the library cannot be opened, the format alone tells.
    public static func isStale(compilationKey key: String, beside engine: ONNXEngine?) -> Bool {
        CompilationKey.isStale(key, runtimeVersion: engine?.version)
    }

    /// Whether this runtime has the blocked layout on this processor.
    public var blocksLayouts: Bool { runtime.blocksLayouts }

    /// Optimises a block as ONNX Runtime does for this processor, and writes the result down with its checksum.
    public func compile(block id: BlockID, from model: BlockModel, to file: String) throws(ServingError) {
        let owner = CompiledTrailer.owner(id, key: compilationKey)
        // Sessions and copies of the whole model were made and freed again.
        defer { CONNXRuntime_trimFreed() }
        try BlockCompiler(runtime: runtime, id: id, owner: owner).compile(model, to: file)
    }

    /// Makes a session of the copy without optimising again: on its weights where they lie in the file, mapped and locked, or
    /// on a copy of them, which is checked on the way.
    public func load(
        block id: BlockID,
        compiled file: String,
        packing: Bool
    ) throws(CompiledCopyFault) -> any LoadedBlock {
        let owner = CompiledTrailer.owner(id, key: compilationKey)
        let copy = try CompiledFile(file, owner: owner)
        let packing = packing || copy.trailer.mustPack
        // After the content is gone, too, and what was read of its graph while the session was made.
        defer { FreedHeap.trim(after: copy.trailer.parts.graph) }
        let content = try runtime.weights.content(of: copy, packing: packing)
        let block = try load(block: id, content, from: file, packing: packing)
        content.memory?.settle()
        guard content.memory?.isSound ?? true else {
            runtime.weights.known.forget(owner)
            throw .damaged("it cannot be read to its end")
        }
        return block
    }

    /// Whether its trailer says so.
    public func canPack(block id: BlockID, compiled file: String) -> Bool {
        do throws(CompiledCopyFault) {
            let trailer = try CompiledFile(file, owner: CompiledTrailer.owner(id, key: compilationKey)).trailer
            return trailer.parts.packed > 0 && !trailer.mustPack
        } catch {
            return false
        }
    }

    /// Why weights are copied instead of being used where they lie in their files; nil where they are not copied.
    public var mappingProblem: String? { runtime.weights.problem }

    private func load(
        block id: BlockID,
        _ content: CompiledFile.Content,
        from file: String,
        packing: Bool
    ) throws(CompiledCopyFault) -> any LoadedBlock {
        do throws(ServingError) {
            let (session, size) = try ORTSession.load(content, of: file, block: id, packing: packing, runtime: runtime)
            return try ORTBlock(session, block: id, residentSize: size.total, runtime: runtime)
        } catch {
            throw .failed(error)
        }
    }

    /// Makes a session, with all optimisations.
    public func load(block id: BlockID, from model: BlockModel) throws(ServingError) -> any LoadedBlock {
        let (session, size) = try ORTSession.load(model, block: id, runtime: runtime)
        return try ORTBlock(session, block: id, residentSize: size, runtime: runtime)
    }
}
