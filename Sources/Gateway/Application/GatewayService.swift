internal import BandwidthManagement
private import Dispatch
internal import Dispatching
internal import HTTPTransport
public import Logging
internal import ModelCatalog
internal import ModelServing
internal import ONNXEngine
public import ServiceLifecycle
internal import ServingCore

/// The whole gateway as a service: starts, serves until a graceful shutdown, drains, stops.
public struct GatewayService: Service {
    private let configuration: GatewayConfiguration
    private let logger: Logger
    private let core: GatewayCore
    private let engine: any InferenceEngine
    private let server: HTTPServer
    private let isListening: @Sendable (String, Int) -> Void

    /// Opens the engine and the store; `isListening` is called with host and port once requests are taken.
    ///
    /// - Throws: `ServingError` where ONNX Runtime's library or the store cannot be used.
    public init(
        configuration: GatewayConfiguration,
        logger: Logger,
        isListening: @escaping @Sendable (String, Int) -> Void
    ) throws {
        var configuration = configuration
        configuration.engine.runMemory = configuration.runMemory(available: MachineMemory.available())
        self.configuration = configuration
        self.logger = logger
        self.isListening = isListening
        engine = try ONNXEngine(configuration.onnxConfiguration)
        let store = try configuration.existingStore()
        engine.reserveMemory(.zero, keeping: configuration.keptMemory)
        Self.calibrate(store, engine, configuration, logger)
        core = try GatewayCore(
            configuration: configuration,
            callers: try CallerDirectory(configuration.callers),
            store: store,
            engine: engine,
            logger: logger,
            clock: { SystemMonotonicClock.now() }
        )
        server = HTTPServer(
            configuration: Self.withinDescriptors(configuration.server, logger),
            handler: GatewayApplication(core: core)
        )
    }

    /// Takes as many descriptors from the system as the connections need, or fewer connections.
    private static func withinDescriptors(
        _ server: HTTPServerConfiguration,
        _ logger: Logger
    ) -> HTTPServerConfiguration {
        // Beside the server's own: the store, the engine's libraries and threads, the log.
        let plan = DescriptorPlan.apply(connections: server.connectionLimit, others: server.otherDescriptors + 128)
        guard plan.connections < server.connectionLimit else { return server }
        logger.warning(
            "fewer connections than server.max_connections: the limit of open files is too low (ulimit -n)",
            metadata: ["connections": "\(plan.connections)", "open_files": "\(plan.limit)"]
        )
        var server = server
        server.connectionLimit = plan.connections
        return server
    }

    /// Measures, for a bounded time, what was never measured here; what is left out, estimates learn from requests.
    private static func calibrate(
        _ store: BlockStore,
        _ engine: any InferenceEngine,
        _ configuration: GatewayConfiguration,
        _ logger: Logger
    ) {
        let budget = configuration.engine.calibrationBudget
        guard budget > .zero else { return }
        let calibrator = ModelCalibrator(
            store: store,
            engine: engine,
            memory: configuration.memory,
            niceness: configuration.engine.niceness,
            logger: logger
        )
        do throws(CatalogError) {
            try calibrator.calibrate(onlyMissing: true, budget: budget)
        } catch {
            logger.warning("nothing was measured", metadata: ["problem": "\(error)"])
        }
    }

    /// Serves until the task is told to shut down gracefully; admitted requests are finished first.
    public func run() async throws {
        core.startThreads()
        reserveMemory()
        do {
            try server.start()
        } catch {
            _ = core.stopThreads(atMost: .seconds(2))
            throw error
        }
        let network = startBandwidthManagement(port: server.port)
        core.uplink.start(loop: core.loop) { network?.tell($0) }
        logger.info(
            "serving",
            metadata: [
                "models": "\(core.catalog.records.count)", "engine": "\(engine.name) \(engine.version)",
                "libmicrohttpd": "\(HTTPServer.libraryVersion)", "memory_bytes": "\(configuration.memory.rawValue)",
                "run_memory_bytes": "\(configuration.engine.runMemory?.rawValue ?? 0)",
            ]
        )
        isListening(configuration.server.host, server.port)
        try? await gracefulShutdown()
        logger.info("draining", metadata: ["active": "\(server.activeExchangeCount)"])
        core.drain()
        server.setDraining()
        // Those who connected before the signal still get an answer, if only a refusal.
        try? await Task.sleep(for: configuration.shutdown.drainDelay)
        await stop(network)
        logger.info("stopped")
    }

    /// Waits for no admitted request any more: those that are not answered yet are answered 503, or cut after a second.
    public func hurry() {
        server.hurry()
    }

    /// Takes the memory that blocks will need from the system before the first request can be promised anything.
    private func reserveMemory() {
        guard configuration.engine.reservesMemory else { return }
        let memory = min(core.catalog.dispatch.blockBytes, configuration.memory)
        logger.info("taking memory for blocks", metadata: ["bytes": "\(memory.rawValue)"])
        engine.reserveMemory(memory, keeping: configuration.keptMemory)
    }

    /// Starts handing shares to the network, where that is configured.
    private func startBandwidthManagement(port: Int) -> BandwidthManagementAdapter? {
        guard let settings = configuration.uplink.mec.settings(port: port) else { return nil }
        let adapter = BandwidthManagementAdapter(settings, clock: core.clock) { [metrics = core.metrics] in
            metrics.bandwidthManagement.count($0, allocations: $1)
        }
        adapter.start()
        return adapter
    }

    /// How much longer than the grace executor and loader may take, the run under way being ended.
    private static let finalWork = Duration.seconds(2)

    /// Stops server and threads on a thread of its own, since both block until their work is done.
    private func stop(_ network: BandwidthManagementAdapter?) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let limit = core.clock().advanced(by: configuration.shutdown.grace + Self.finalWork)
                server.stop(grace: configuration.shutdown.grace)
                core.runs.close(because: .draining)
                core.uplink.stop()
                network?.stop()
                guard core.stopThreads(atMost: core.clock().duration(to: limit)) else {
                    logger.critical("a run or load does not end: the process ends without it")
                    ProcessEnd.now()
                }
                continuation.resume()
            }
        }
    }
}
