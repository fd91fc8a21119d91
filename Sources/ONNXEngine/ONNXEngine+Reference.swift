import CONNXRuntime
public import ModelServing
public import ServingCore

extension ONNXEngine {
    /// Makes a session of `file` as ONNX Runtime does where nobody tells it otherwise: what this engine is compared with.
    ///
    /// All default options: its own arena, its own threads, every optimisation. The size is not known.
    public func loadWithDefaults(block id: BlockID, from file: String) throws(ServingError) -> any LoadedBlock {
        let api = runtime.api
        let options = try ORTHandle(
            owning: api.make("session options") { api.functions.pointee.CreateSessionOptions?(&$0) },
            release: api.functions.pointee.ReleaseSessionOptions
        )
        let session = try ORTSession.make(.file(file), block: id, options: options.pointer, runtime: runtime)
        return try ORTBlock(session, block: id, residentSize: .zero, runtime: runtime)
    }

    /// From now on the process's heap, from which such sessions have their memory, gives nothing back to the system: the same
    /// chance as blocks have with ``reserveMemory(_:keeping:)``. There is no way back.
    public static func keepHeap() { CONNXRuntime_keepHeap() }
}

extension ONNXEngine {
    /// Writes what ONNX Runtime makes of `file` to `optimised`, with the weights in a file beside it, so that they can be mapped:
    /// what a user of ONNX Runtime does who knows it well.
    public func writeOptimised(_ file: String, to optimised: String, weights: String) throws(ServingError) {
        let api = runtime.api
        let options = try ORTHandle(
            owning: runtime.makeSessionOptions(optimisation: ORT_ENABLE_ALL),
            release: api.functions.pointee.ReleaseSessionOptions
        )
        let path = api.functions.pointee.SetOptimizedModelFilePath?(options.pointer, optimised)
        try api.check(path, "asking for the optimised model")
        for (key, value) in [("file_name", weights), ("min_size_in_bytes", "1024")] {
            let name = "session.optimized_model_external_initializers_\(key)"
            let status = api.functions.pointee.AddSessionConfigEntry?(options.pointer, name, value)
            try api.check(status, "asking for the optimised model")
        }
        _ = try ORTSession.make(.file(file), block: BlockID("reference"), options: options.pointer, runtime: runtime)
    }

    /// Opens what ``writeOptimised(_:to:weights:)`` wrote, as that user does: not optimised again, mapped, nothing repacked.
    public func loadOptimised(_ file: String) throws(ServingError) -> any LoadedBlock {
        let api = runtime.api
        let options = try ORTHandle(
            owning: runtime.makeSessionOptions(optimisation: ORT_DISABLE_ALL),
            release: api.functions.pointee.ReleaseSessionOptions
        )
        let status = api.functions.pointee.AddSessionConfigEntry?(options.pointer, "session.disable_prepacking", "1")
        try api.check(status, "setting session options")
        let id = BlockID("reference")
        let session = try ORTSession.make(.file(file), block: id, options: options.pointer, runtime: runtime)
        return try ORTBlock(session, block: id, residentSize: .zero, runtime: runtime)
    }
}
