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
    /// All it allocates and keeps is measured. Weights it uses as they lie in a file that it maps it does not allocate: so it
    /// takes at least as much as the model has bytes.
    static func load(
        _ model: BlockModel,
        block: BlockID,
        runtime: ORTRuntime
    ) throws(ServingError) -> (session: ORTSession, size: ByteCount) {
        let (session, size) = try SessionSize.measure { () throws(ServingError) in
            try make(model, block: block, options: runtime.servingOptions, runtime: runtime)
        }
        session.heapByteCount = size.heap
        let modelByteCount = self.size(of: model)
        FreedHeap.trim(after: modelByteCount)
        return (session, ByteCount(max(size.total.rawValue, modelByteCount)))
    }

    /// Makes a session of a compiled copy that was read from `file`, and measures what it takes while nothing runs.
    static func load(
        _ copy: CompiledFile.Content,
        of file: String,
        block: BlockID,
        packing: Bool,
        runtime: ORTRuntime
    ) throws(ServingError) -> (session: ORTSession, size: SessionSize) {
        var (session, size) = try SessionSize.measure { () throws(ServingError) in
            let options = try PlacedOptions(copy, file: file, packing: packing, runtime: runtime)
            return try copy.graph.withUnsafeBytes { graph in
                Result { () throws(ServingError) in
                    try make(graph, block, options.pointer, runtime) { pointer throws(ServingError) in
                        try ORTSession(owning: pointer, using: options, runtime: runtime)
                    }
                }
            }.get()
        }
        size.placed = copy.memory?.residentCount ?? 0
        session.heapByteCount = size.heap
        return (session, size)
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
