import CONNXRuntime
import ModelServing
import ServingCore
import Synchronization

/// ONNX Runtime's options of runs, with the memory they may take.
///
/// `@unchecked Sendable` because the pointer never changes, and the flag behind it may be set from any thread.
final class ORTRunControl: RunControl, @unchecked Sendable {
    /// The options.
    let pointer: OpaquePointer
    private let api: ORTAPI
    private let limit: Int64
    private let terminated = Atomic(false)

    /// Makes a control for runs of at most `memory` bytes; nil does not bound them.
    init(api: ORTAPI, memory: ByteCount?) throws(ServingError) {
        pointer = try api.make("run options") { api.functions.pointee.CreateRunOptions?(&$0) }
        self.api = api
        limit = memory.map { Int64(max($0.rawValue, 0)) } ?? .max
    }

    deinit {
        api.functions.pointee.ReleaseRunOptions?(pointer)
    }

    var isTerminated: Bool { terminated.load(ordering: .relaxed) }

    func begin() { CONNXRuntime_beginRun(limit) }

    func end() { CONNXRuntime_endRun() }

    func terminate() {
        terminated.store(true, ordering: .relaxed)
        release(api.functions.pointee.RunOptionsSetTerminate?(pointer))
    }

    func rearm() {
        guard isTerminated else { return }
        release(api.functions.pointee.RunOptionsUnsetTerminate?(pointer))
        terminated.store(false, ordering: .relaxed)
    }

    /// Why the run that has just failed on this thread had to fail; nil where nothing here is the reason.
    var fault: ServingError? {
        if isTerminated { return .runEnded }
        let refused = Int64(clamping: CONNXRuntime_refusedBytes())
        guard refused > 0 else { return nil }
        let held = CONNXRuntime_heldBytes()
        let (left, isUnbounded) = limit.subtractingReportingOverflow(held)
        guard limit < .max, !isUnbounded, refused > left else {
            return ServingError(.memoryUnavailable, "the machine has no \(refused) bytes left for the run")
        }
        return ServingError(
            .runMemoryExceeded,
            "a run may hold \(limit) bytes (engine.run_memory_bytes): this one holds \(max(held, 0)) and needs \(refused) more"
        )
    }

    /// Setting a flag does not fail.
    private func release(_ status: OpaquePointer?) {
        if let status { api.functions.pointee.ReleaseStatus?(status) }
    }
}
