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
