import CONNXRuntime
import ServingCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension ORTSession {
    /// Makes a session of the model in `file`, and says what it takes in memory while nothing runs.
    ///
    /// That is the larger of two numbers. What ONNX Runtime allocated through our allocator and kept is measured: packed
    /// and folded weights. Weights it uses as they lie in the file it allocates elsewhere: for them the file's size
    /// stands. Against the process's growth this was right within 1 % for matrix products and 16 % for convolutions,
    /// besides some 80 KiB of book-keeping for each session, which does not count.
    static func load(
        file: String,
        block: BlockID,
        runtime: ORTRuntime
    ) throws(ServingError) -> (session: ORTSession, size: ByteCount) {
        let api = runtime.api
        var pointer: OpaquePointer?
        CONNXRuntime_beginMetering()
        let status = api.functions.pointee.CreateSession?(runtime.environment, file, runtime.servingOptions, &pointer)
        let kept = Int(CONNXRuntime_endMetering())
        try api.check(status, "block \(block) could not be loaded")
        guard let pointer else { throw ServingError(.engineFailed, "block \(block) became no session") }
        return (try ORTSession(owning: pointer, runtime: runtime), ByteCount(max(kept, size(of: file))))
    }

    private static func size(of file: String) -> Int {
        var information = stat()
        return stat(file, &information) == 0 ? Int(information.st_size) : 0
    }
}
