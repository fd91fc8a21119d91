internal import Dispatching
internal import Logging
internal import ModelCatalog
internal import ModelServing
internal import ONNXEngine
internal import ServingCore

/// What happens between listening and being ready: measuring, reading the store, taking memory.
///
/// Each step ends early when the task is cancelled.
struct GatewayStart: Sendable {
    let configuration: GatewayConfiguration
    let store: BlockStore
    let engine: ONNXEngine
    let callers: CallerDirectory
    let logger: Logger
    /// Measures models for a time at most; nil where nothing is to be measured.
    let measure: GatewayService.Measure?

    /// The gateway's core, ready to serve.
    ///
    /// - Throws: ``ServingError`` where the store cannot be read; `CancellationError`.
    func core() async throws -> GatewayCore {
        try await measureWhatIsMissing()
        let core = try await BlockingWork.run { [self] _ in
            try GatewayCore(
                configuration: configuration,
                callers: callers,
                store: store,
                engine: engine,
                logger: logger,
                clock: { SystemMonotonicClock.now() }
            )
        }
        try await takeMemory(for: core)
        return core
    }

    /// Measures, for a bounded time, what was never measured here; what is left out, estimates learn from requests.
    private func measureWhatIsMissing() async throws {
        let budget = configuration.engine.calibrationBudget
        guard budget > .zero, let measure else { return }
        let missing = try await BlockingWork.run { [self] _ in unmeasuredCount() }
        guard missing > 0 else { return }
        logger.info("measuring models", metadata: ["models": "\(missing)", "budget_ms": "\(budget.wholeMilliseconds)"])
        let start = SystemMonotonicClock.now()
        await measure(budget)
        try Task.checkCancellation()
        let took = start.duration(to: SystemMonotonicClock.now())
        let left = try await BlockingWork.run { [self] _ in unmeasuredCount() }
        logger.info(
            "measuring is over",
            metadata: ["took_ms": "\(took.wholeMilliseconds)", "unmeasured": "\(left)"]
        )
    }

    private func unmeasuredCount() -> Int {
        let calibrator = ModelCalibrator(store: store, engine: engine, memory: configuration.memory, logger: logger)
        // A store that cannot be read is the next step's error.
        return (try? calibrator.unmeasuredCount()) ?? 0
    }

    /// Takes the memory that blocks will need from the system before the first request can be promised anything.
    private func takeMemory(for core: GatewayCore) async throws {
        guard configuration.engine.reservesMemory, !engine.mapsWeights(upTo: configuration.memory) else { return }
        let memory = min(core.catalog.dispatch.blockBytes, configuration.memory)
        logger.info("taking memory for blocks", metadata: ["bytes": "\(memory.rawValue)"])
        try await BlockingWork.run { [engine, configuration] isAbandoned in
            engine.reserveMemory(memory, keeping: configuration.keptMemory) { !isAbandoned() }
        }
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int { Int((inSeconds * 1000).rounded()) }
}
