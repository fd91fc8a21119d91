import CONNXRuntime
import ModelCatalog
import ModelServing
import ServingCore
import Synchronization

/// ONNX Runtime itself: one environment and one thread pool per process, which live until it ends.
///
/// They are never released: the library's threads and static objects make an orderly end at exit a gamble, for nothing.
/// `@unchecked Sendable` because nothing here changes after `init`, and ONNX Runtime lets its environment, session
/// options and allocators be used from any thread.
final class ORTRuntime: @unchecked Sendable {
    private static let shared = Mutex<(configuration: ONNXConfiguration, runtime: ORTRuntime)?>(nil)

    /// The library's functions.
    let api: ORTAPI
    /// The library's version.
    let version: String
    /// The environment every session belongs to.
    let environment: OpaquePointer
    /// Says that a tensor's bytes lie in ordinary memory.
    let memoryInfo: OpaquePointer
    /// The allocator for names and strings; ONNX Runtime owns it.
    let allocator: UnsafeMutablePointer<OrtAllocator>
    /// The allocator of all sessions, which counts.
    let countingAllocator: UnsafeMutablePointer<OrtAllocator>
    /// How sessions that serve are made: every optimisation.
    let servingOptions: OpaquePointer
    /// What compiled copies depend on.
    let compilationKey: String
    let calibrationKey: String
    /// Whether the blocked layout of convolutions is known on this processor.
    let blocksLayouts: Bool
    /// How sessions run where nothing bounds them; without it ONNX Runtime makes such options for every run.
    let unboundedRuns: ORTRunControl
    /// How weights of compiled copies get into memory.
    let weights: WeightAccess
    /// How sessions that only answer questions about a model are made: no optimisation.
    let inspectionOptions: OpaquePointer

    /// The process's runtime; the first call decides the configuration.
    ///
    /// Throws `.engineFailed` where the library cannot be opened, or is in use with another configuration.
    static func shared(_ configuration: ONNXConfiguration) throws(ServingError) -> ORTRuntime {
        try shared.withLock { shared throws(ServingError) in
            if let (existing, runtime) = shared {
                guard existing == configuration else {
                    throw ServingError(.engineFailed, "ONNX Runtime is in use with another configuration")
                }
                return runtime
            }
            let runtime = try ORTRuntime(configuration)
            shared = (configuration, runtime)
            return runtime
        }
    }

    private init(_ configuration: ONNXConfiguration) throws(ServingError) {
        let library = try ONNXLibrary(configuredPath: configuration.libraryPath)
        let api = ORTAPI(library.api)
        self.api = api
        version = library.version
        environment = try Self.makeNiceEnvironment(api, configuration)
        memoryInfo = try api.make("a description of memory") {
            api.functions.pointee.CreateCpuMemoryInfo?(OrtDeviceAllocator, OrtMemTypeDefault, &$0)
        }
        guard let counting = CONNXRuntime_countingAllocator(memoryInfo) else {
            throw ServingError(.engineFailed, "there is no allocator")
        }
        countingAllocator = counting
        CONNXRuntime_keepFreed(max(configuration.keptTensors.rawValue, 0))
        try api.check(api.functions.pointee.RegisterAllocator?(environment, counting), "registering the allocator")
        var allocator: UnsafeMutablePointer<OrtAllocator>?
        try api.check(
            api.functions.pointee.GetAllocatorWithDefaultOptions?(&allocator),
            "finding the default allocator"
        )
        guard let allocator else { throw ServingError(.engineFailed, "ONNX Runtime has no default allocator") }
        self.allocator = allocator
        servingOptions = try Self.makeSessionOptions(api, optimisation: ORT_ENABLE_ALL)
        weights = WeightAccess(maps: configuration.mapsWeights)
        unboundedRuns = try ORTRunControl(api: api, memory: nil)
        inspectionOptions = try Self.makeSessionOptions(api, optimisation: ORT_DISABLE_ALL)
        compilationKey = CompilationKey.make(runtimeVersion: version)
        // The last number changes with what is measured: 3 is whether matrices are repacked, too.
        calibrationKey = "\(compilationKey)-\(configuration.effectiveThreadCount)threads-3"
        blocksLayouts = Self.loads(BlockedModel.probe, api, environment, inspectionOptions)
    }

    /// Options like those of sessions that serve, for one use; the caller releases them.
    func makeSessionOptions(optimisation: GraphOptimizationLevel) throws(ServingError) -> OpaquePointer {
        try Self.makeSessionOptions(api, optimisation: optimisation)
    }

    /// Whether ONNX Runtime makes a session of `model`.
    private static func loads(
        _ model: [UInt8],
        _ api: ORTAPI,
        _ environment: OpaquePointer,
        _ options: OpaquePointer
    ) -> Bool {
        var session: OpaquePointer?
        let status = api.functions.pointee.CreateSessionFromArray?(environment, model, model.count, options, &session)
        if let session { api.functions.pointee.ReleaseSession?(session) }
        if let status { api.functions.pointee.ReleaseStatus?(status) }
        return session != nil
    }

    /// An environment whose threads are as nice as is configured: they begin as nice as the thread that makes them.
    private static func makeNiceEnvironment(
        _ api: ORTAPI,
        _ configuration: ONNXConfiguration
    ) throws(ServingError) -> OpaquePointer {
        // A thread of its own, as no thread can be made less nice again.
        let thread = ResultThread(niceness: configuration.niceness) { () throws(ServingError) in
            Environment(pointer: try makeEnvironment(api, threadCount: configuration.threadCount))
        }
        return try thread.value().pointer
    }

    /// Carries the environment from one thread to the other; `@unchecked Sendable` because the first lets go of it.
    private struct Environment: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// One thread pool for all sessions: with a pool for each, a chain of sessions takes a multiple of the time.
    private static func makeEnvironment(_ api: ORTAPI, threadCount: Int) throws(ServingError) -> OpaquePointer {
        let threading = try ORTHandle(
            owning: api.make("threading options") { api.functions.pointee.CreateThreadingOptions?(&$0) },
            release: api.functions.pointee.ReleaseThreadingOptions
        )
        guard let threadCount = Int32(exactly: threadCount), threadCount >= 0 else {
            throw ServingError(.engineFailed, "a thread count of \(threadCount) is out of range")
        }
        let options = threading.pointer
        let statuses = [
            api.functions.pointee.SetGlobalIntraOpNumThreads?(options, threadCount),
            // Blocks run node by node, so there is nothing for a second pool to do.
            api.functions.pointee.SetGlobalInterOpNumThreads?(options, 1),
            // Threads that wait actively for the next operator take the cores from everybody else.
            api.functions.pointee.SetGlobalSpinControl?(options, 0),
        ]
        for status in statuses { try api.check(status, "setting threading options") }
        // Every failure comes back as a status; a second copy on standard error would be outside the log.
        return try api.make("an environment") {
            api.functions.pointee.CreateEnvWithGlobalThreadPools?(ORT_LOGGING_LEVEL_FATAL, "gateway", options, &$0)
        }
    }

    private static func makeSessionOptions(
        _ api: ORTAPI,
        optimisation: GraphOptimizationLevel
    ) throws(ServingError) -> OpaquePointer {
        let options = try api.make("session options") { api.functions.pointee.CreateSessionOptions?(&$0) }
        let statuses = [
            api.functions.pointee.DisablePerSessionThreads?(options),
            api.functions.pointee.SetSessionGraphOptimizationLevel?(options, optimisation),
            // The pattern of allocations is kept for every combination of input shapes a client sends, for ever.
            api.functions.pointee.DisableMemPattern?(options),
            // Weights come from the counting allocator and go back to the system with their block.
            api.functions.pointee.AddSessionConfigEntry?(options, "session.use_env_allocators", "1"),
        ]
        for status in statuses { try api.check(status, "setting session options") }
        return options
    }
}
