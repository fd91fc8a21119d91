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
    /// Measures models in the store that were never measured, for the time given at most; returns early when its task is cancelled.
    public typealias Measure = @Sendable (Duration) async -> Void

    private let configuration: GatewayConfiguration
    private let logger: Logger
    private let start: GatewayStart
    private let engine: ONNXEngine
    private let front = StartingApplication()
    private let server: HTTPServer
    private let certificates: CertificateWatch?
    private let reloading: GatewayReload
    private let reloadQueue = DispatchQueue(label: "reload")
    private let isListening: @Sendable (String, Int) -> Void

    /// Opens the engine and the store for the settings in `loader`; `isListening` is called with host and port once requests are taken.
    ///
    /// `measure` is called at the start, where there is something to measure and a budget for it.
    ///
    /// - Throws: `ServingError` where ONNX Runtime's library or the store cannot be used.
    public init(
        loader: ConfigurationLoader,
        logger: Logger,
        measure: Measure? = nil,
        isListening: @escaping @Sendable (String, Int) -> Void
    ) throws {
        var configuration = loader.configuration
        configuration.engine.runMemory = configuration.runMemory(available: MachineMemory.available())
        configuration.server.tls = try configuration.tls.identity()
        self.configuration = configuration
        self.logger = logger
        let interval = configuration.tls.checkInterval
        certificates = configuration.server.tls.map { CertificateWatch($0, interval: interval, logger: logger) }
        self.isListening = isListening
        reloading = GatewayReload(loader, certificates: certificates, logger: logger)
        engine = try ONNXEngine(configuration.onnxConfiguration)
        engine.reserveMemory(.zero, keeping: configuration.keptMemory)
        start = GatewayStart(
            configuration: configuration,
            store: try configuration.existingStore(),
            engine: engine,
            callers: try CallerDirectory(configuration.callers),
            logger: logger,
            measure: measure
        )
        server = HTTPServer(
            configuration: Self.withinDescriptors(configuration.server, logger),
            handler: front
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

    /// Serves until the task is told to shut down gracefully; admitted requests are finished first.
    ///
    /// Listens first: until all is ready, the gateway is alive and says that it is starting.
    public func run() async throws {
        try server.start()
        certificates?.start()
        defer { certificates?.stop() }
        logger.info(
            "listening, not ready yet",
            metadata: ["host": "\(configuration.server.host)", "port": "\(server.port)"]
        )
        do {
            let core = try await cancelWhenGracefulShutdown { [start] in try await start.core() }
            try await serve(core)
        } catch is CancellationError {
            server.stop(grace: .zero)
            logger.info("stopped before it was ready")
        } catch {
            server.stop(grace: .zero)
            throw error
        }
    }

    private func serve(_ core: GatewayCore) async throws {
        core.startThreads()
        let network = startBandwidthManagement(core, port: server.port)
        core.uplink.start(loop: core.loop) { network?.tell($0) }
        front.open(GatewayApplication(core: core))
        reloading.serves(core)
        tellWhatServes(core)
        isListening(configuration.server.host, server.port)
        try? await gracefulShutdown()
        logger.info("draining", metadata: ["active": "\(server.activeExchangeCount)"])
        core.drain()
        server.setDraining()
        // Those who connected before the signal still get an answer, if only a refusal.
        try? await Task.sleep(for: core.live.shutdown.drainDelay)
        await stop(core, network)
        logger.info("stopped")
    }

    /// Says in the log what is served, how, and whether other machines may ask for it without keys.
    private func tellWhatServes(_ core: GatewayCore) {
        let banner = StartBanner(configuration, port: server.port, keys: core.callers.keyCount)
        logger.info(
            "serving",
            metadata: [
                "version": "\(GatewayVersion.current)", "url": "\(banner.url)", "store": "\(configuration.store)",
                "models": "\(core.catalog.records.count)", "engine": "\(engine.name) \(engine.version)",
                "libmicrohttpd": "\(HTTPServer.libraryVersion)",
                "policy": "\(configuration.scheduling.policy.rawValue)",
                "mode": "\(configuration.scheduling.mode.rawValue)", "memory_bytes": "\(configuration.memory.rawValue)",
                "run_memory_bytes": "\(configuration.engine.runMemory?.rawValue ?? 0)", "lanes": "\(core.lanes.count)",
                "uplink": "\(banner.uplink)", "keys": "\(banner.keys)", "tls": "\(banner.tls)",
            ]
        )
        guard banner.isOpenToOthers else { return }
        logger.warning(
            "other machines may ask for everything: without keys, load and unload too",
            metadata: ["host": "\(configuration.server.host)"]
        )
    }

    /// Waits for no admitted request any more: those that are not answered yet are answered 503, or cut after a second.
    public func hurry() {
        server.hurry()
    }

    /// Reads settings by `read`, and with them keys, certificates and catalog, and changes what can change while the gateway runs.
    ///
    /// Returns at once; what came of it stands in the log.
    public func reload(_ read: @escaping @Sendable () throws -> ConfigurationLoader) {
        reloadQueue.async { [reloading] in reloading.reload(read: read) }
    }

    /// Starts handing shares to the network, where that is configured.
    private func startBandwidthManagement(_ core: GatewayCore, port: Int) -> BandwidthManagementAdapter? {
        guard let settings = configuration.uplink.mec.settings(port: port) else { return nil }
        let log = RepeatedLog(logger, clock: core.clock)
        let adapter = BandwidthManagementAdapter(settings, clock: core.clock) { [metrics = core.metrics] in
            metrics.bandwidthManagement.count($0, allocations: $1)
            guard let problem = $0.problem else { return }
            log.log(.warning, "bandwidth management failed", about: problem, metadata: ["problem": "\(problem)"])
        }
        adapter.start()
        return adapter
    }

    /// How much longer than the grace executor and loader may take, the run under way being ended.
    private static let finalWork = Duration.seconds(2)

    /// Stops server and threads on a thread of its own, since both block until their work is done.
    private func stop(_ core: GatewayCore, _ network: BandwidthManagementAdapter?) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let grace = core.live.shutdown.grace
                let limit = core.clock().advanced(by: grace + Self.finalWork)
                server.stop(grace: grace)
                for lane in core.lanes { lane.runs.close(because: .draining) }
                core.uplink.stop()
                network?.stop()
                guard core.stopThreads(atMost: core.clock().duration(to: limit)) else {
                    logger.critical("a run or load does not end: the process ends without it")
                    ProcessEnd.now()
                }
                core.reader.leave()
                continuation.resume()
            }
        }
    }
}

extension AllocationResult {
    /// What failed; nil where nothing did, or where an allocation was gone and is made again.
    fileprivate var problem: String? {
        switch self {
        case .created, .done, .gone: nil
        case .refused: "the platform refused an allocation"
        case .unavailable: "the platform cannot be reached, or gave no answer that makes sense"
        }
    }
}

extension GatewayService: CustomStringConvertible {
    /// Its name alone: libraries that are told of services log their descriptions, and the configuration holds keys.
    public var description: String { "gateway" }
}
