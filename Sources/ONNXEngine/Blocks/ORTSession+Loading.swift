import CONNXRuntime
import ModelServing
import ServingCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension ORTSession {
    /// Makes a session of `model`, with all optimisations, and says what it takes in memory while nothing runs.
    ///
    /// That is the larger of two numbers. What ONNX Runtime allocated through our allocator and kept is measured: packed
    /// and folded weights. Weights it uses as they lie in the file it allocates elsewhere: for them the model's size
    /// stands. Against the process's growth this was right within 1 % for matrix products and 16 % for convolutions,
    /// besides some 80 KiB of book-keeping for each session, which does not count.
    static func load(
        _ model: BlockModel,
        block: BlockID,
        runtime: ORTRuntime
    ) throws(ServingError) -> (session: ORTSession, size: ByteCount) {
        CONNXRuntime_beginMetering()
        let made = Result { () throws(ServingError) in
            try make(model, block: block, options: runtime.servingOptions, runtime: runtime)
        }
        let kept = Int(CONNXRuntime_endMetering())
        return (try made.get(), ByteCount(max(kept, size(of: model))))
    }

    /// Makes a session of a compiled copy that was read from `file`, and says what it takes while nothing runs.
    ///
    /// Both parts are measured: the memory of the weights that are used where they lie, and what was allocated and kept
    /// beside it.
    static func load(
        _ copy: CompiledFile.Content,
        of file: String,
        block: BlockID,
        runtime: ORTRuntime
    ) throws(ServingError) -> (session: ORTSession, size: ByteCount) {
        let options = try PlacedOptions(copy, file: file, runtime: runtime)
        CONNXRuntime_beginMetering()
        let made = copy.graph.withUnsafeBytes { graph in
            Result { () throws(ServingError) in
                try make(graph, block, options.pointer, runtime) { pointer throws(ServingError) in
                    try ORTSession(owning: pointer, using: options, runtime: runtime)
                }
            }
        }
        let kept = max(Int(CONNXRuntime_endMetering()), 0)
        return (try made.get(), ByteCount(kept + (copy.memory?.count ?? 0)))
    }

    /// Makes a session of `model` with `options`.
    static func make(
        _ model: BlockModel,
        block: BlockID,
        options: OpaquePointer,
        runtime: ORTRuntime
    ) throws(ServingError) -> ORTSession {
        switch model {
        case .bytes(let bytes):
            return try bytes.withUnsafeBytes { bytes in
                Result { () throws(ServingError) in
                    try make(bytes, block, options, runtime) { pointer throws(ServingError) in
                        try ORTSession(owning: pointer, runtime: runtime)
                    }
                }
            }.get()
        case .file(let file):
            var pointer: OpaquePointer?
            let status = runtime.api.functions.pointee.CreateSession?(runtime.environment, file, options, &pointer)
            try runtime.api.check(status, "block \(block) could not be loaded")
            guard let pointer else { throw ServingError(.engineFailed, "block \(block) became no session") }
            return try ORTSession(owning: pointer, runtime: runtime)
        }
    }

    private static func make(
        _ bytes: UnsafeRawBufferPointer,
        _ block: BlockID,
        _ options: OpaquePointer,
        _ runtime: ORTRuntime,
        _ adopt: (OpaquePointer) throws(ServingError) -> ORTSession
    ) throws(ServingError) -> ORTSession {
        var pointer: OpaquePointer?
        let status = runtime.api.functions.pointee.CreateSessionFromArray?(
            runtime.environment,
            bytes.baseAddress,
            bytes.count,
            options,
            &pointer
        )
        try runtime.api.check(status, "block \(block) could not be loaded")
        guard let pointer else { throw ServingError(.engineFailed, "block \(block) became no session") }
        return try adopt(pointer)
    }

    private static func size(of model: BlockModel) -> Int {
        switch model {
        case .bytes(let bytes): return bytes.count
        case .file(let file):
            var information = stat()
            return stat(file, &information) == 0 ? Int(information.st_size) : 0
        }
    }
}
