internal import Dispatching
internal import HTTPTransport
internal import Logging
internal import ModelCatalog
internal import ModelServing
internal import OpenInferenceProtocol
internal import ServingCore
private import Synchronization

/// What operations and threads share: the catalog, the dispatch loop, the resident blocks, the metrics.
final class GatewayCore: Sendable {
    /// What the operator set.
    let configuration: GatewayConfiguration
    /// What of it can change while the gateway runs.
    let live: LiveSettings
    /// The time.
    let clock: @Sendable () -> MonotonicInstant
    /// The blocks in accelerator memory.
    let blocks: ResidentBlocks
    /// What runs them, lane by lane.
    let lanes: [ExecutorLane]
    /// Everything that is counted.
    let metrics: GatewayMetrics
    /// The dispatcher in its shell.
    let loop: DispatchLoop
    /// The threads that carry out what it decides.
    let threads: DispatchThreads
    /// What looks at uploads while they run.
    let uplink: UplinkMonitor
    /// Those who wait for a model to be pinned.
    let pinWaiters = PinWaiters()
    /// Keys and quotas.
    let callers: CallerGate
    /// The bytes of bodies held.
    let bodyMemory: MemoryBudget
    /// The bytes of answers that their clients have not taken yet.
    let answerMemory: MemoryBudget
    /// The thread that writes answers with much JSON.
    let answerWriter = WorkerThread<@Sendable () -> Void>()
    /// The log for what may happen many times a second.
    let repeatedLog: RepeatedLog
    /// The thread that solves the instances of `POST /v1/plan`.
    let dryRuns: DryRunThread
    /// When the gateway was put together.
    let started: MonotonicInstant

    /// The models and whether they can be served.
    let models: ModelRegistry
    /// The thread that reads the store anew.
    let catalogThread = CatalogThread()

    /// What makes of the store what is served.
    let reader: CatalogReader
    let units: UnitEngine
    let logger: Logger
    private let draining = Atomic(false)
    private let requestNumbers: RequestNumbers

    /// Opens the catalog and puts everything together; nothing runs yet.
    ///
    /// - Throws: ``ServingError`` where the store cannot be read.
    init(
        configuration: GatewayConfiguration,
        callers directory: CallerDirectory,
        store: BlockStore,
        engine: any InferenceEngine,
        logger: Logger,
        clock: @escaping @Sendable () -> MonotonicInstant
    ) throws(ServingError) {
        self.configuration = configuration
        live = LiveSettings(configuration)
        self.clock = clock
        self.logger = logger
        let metrics = GatewayMetrics(
            keptDecisions: configuration.requests.keptDecisions,
            identity: configuration.server.tls,
            log: RequestLog(logger, clock: clock),
            clock: clock
        )
        self.metrics = metrics
        callers = CallerGate(directory, configuration.callers, metrics.callers)
        requestNumbers = RequestNumbers(isGuessable: directory.keys.isEmpty)
        let units = UnitEngine(engine: engine, store: store, logger: logger)
        self.units = units
        blocks = ResidentBlocks(limit: configuration.memory, engine: units) { store.path(of: $0) }
        let measured = units.calibrationKey.flatMap { store.calibration(key: $0).lanes }
        let choice = LaneChoice(configuration.engine, measured: measured)
        lanes = try ExecutorLane.make(choice.count, on: engine, configuration, clock: clock)
        let requests = configuration.requests
        bodyMemory = MemoryBudget(limit: requests.maximumBodyMemory, callerPart: requests.callerMemoryPart)
        answerMemory = MemoryBudget(limit: requests.maximumAnswerMemory, callerPart: requests.callerMemoryPart)
        repeatedLog = RepeatedLog(logger, clock: clock)
        dryRuns = DryRunThread(limits: configuration.dryRun, clock: clock)
        started = clock()
        reader = CatalogReader(
            store: store,
            units: units,
            policy: configuration.scheduling.policy,
            metrics: metrics,
            patience: Self.storePatience,
            logger: logger
        )
        models = ModelRegistry(limit: configuration.memory, logger: logger, clock: clock)
        let first = try reader.next(after: CatalogGeneration())
        models.publish(first)
        if first.records.isEmpty && first.problems.isEmpty { logger.warning("the store holds no models") }
        threads = DispatchThreads(pinWaiters: pinWaiters, runs: lanes.map(\.runs), metrics: metrics, clock: clock)
        let dispatcher = Dispatcher(
            configuration: configuration.dispatcherConfiguration(choice),
            catalog: first.dispatch
        )
        uplink = UplinkMonitor(configuration.uplink, clock: clock)
        loop = DispatchLoop(dispatcher: dispatcher, records: first.records, effects: threads, clock: clock)
    }

    /// How long a load waits for a collection that holds the store's lock.
    private static let storePatience: Duration = .seconds(10)

    /// The models known now.
    var catalog: ServedCatalog { models.catalog }

    /// Whether new requests are refused because the gateway shuts down.
    var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// Checks callers by other keys and quotas from now on.
    func replaceCallers(_ directory: CallerDirectory, _ settings: GatewayConfiguration.Callers) {
        if !directory.keys.isEmpty { requestNumbers.hide() }
        callers.replace(directory, settings, at: clock())
    }

    /// A number for a request, unique while the process runs.
    func nextRequestID() -> RequestID {
        requestNumbers.next()
    }

    /// Reads bodies for `model`.
    func decoder(for model: ServableModel) -> InferenceRequestDecoder {
        InferenceRequestDecoder(
            inputs: model.inputs,
            outputs: model.outputs,
            maximumJSONBytes: live.requests.maximumJSONBytes.rawValue,
            maximumJSONNodes: configuration.requests.maximumJSONNodes
        )
    }

    /// Refuses new requests from now on.
    func drain() {
        draining.store(true, ordering: .relaxed)
        // A load that waits for another process's lock is not worth waiting for any more.
        reader.giveUp()
        loop.handle(.drain)
    }

    /// All metrics as text, as of now.
    func scrape() -> [UInt8] {
        metrics.scrape(
            dispatch: loop.read(DispatchView.init),
            blocks: blocks.ledger,
            compiled: units.counters,
            catalog: catalog,
            isReady: isReady
        )
    }
}
