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
    /// The time.
    let clock: @Sendable () -> MonotonicInstant
    /// The blocks in accelerator memory.
    let blocks: ResidentBlocks
    /// What runs them.
    let runner: ModelRunner
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
    let bodyMemory: BodyMemoryBudget
    /// The thread that solves the instances of `POST /v1/plan`.
    let dryRuns: DryRunThread
    /// When the gateway was put together.
    let started: MonotonicInstant

    private let store: BlockStore
    private let units: UnitEngine
    /// What keeps collections away from what is served; nil where the store cannot be written to.
    private let lease: StoreLease?
    private let logger: Logger
    private let served: Mutex<ServedCatalog>
    private let draining = Atomic(false)
    private let lastRequest = Atomic<UInt64>(0)

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
        self.clock = clock
        self.store = store
        self.logger = logger
        let metrics = GatewayMetrics(
            keptDecisions: configuration.requests.keptDecisions,
            log: RequestLog(logger, clock: clock),
            clock: clock
        )
        self.metrics = metrics
        callers = CallerGate(directory, configuration.callers, metrics.callers)
        let units = UnitEngine(engine: engine, store: store, logger: logger)
        self.units = units
        blocks = ResidentBlocks(limit: configuration.memory, engine: units) { store.path(of: $0) }
        runner = ModelRunner(
            engine: engine,
            maximumBatchRows: configuration.scheduling.maximumBatchRows,
            clock: clock
        )
        bodyMemory = BodyMemoryBudget(limit: configuration.requests.maximumBodyMemory)
        dryRuns = DryRunThread(limits: configuration.dryRun, clock: clock)
        started = clock()
        lease = Self.takeLease(store, copies: units.compilationKey, logger)
        let listing = try Self.readStore(store, lease, logger)
        let policy = configuration.scheduling.policy
        let catalog = Self.makeCatalog(listing, store, units, policy, keeping: ServedCatalog(records: []), metrics)
        served = Mutex(catalog)
        threads = DispatchThreads(pinWaiters: pinWaiters, metrics: metrics, clock: clock)
        let dispatcher = Dispatcher(
            configuration: configuration.dispatcherConfiguration,
            catalog: catalog.dispatch
        )
        uplink = UplinkMonitor(configuration.uplink, clock: clock)
        loop = DispatchLoop(dispatcher: dispatcher, effects: threads, clock: clock)
    }

    /// The models served now.
    var catalog: ServedCatalog { served.withLock { $0 } }

    /// Whether new requests are refused because the gateway shuts down.
    var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// A number for a request, unique while the process runs.
    func nextRequestID() -> RequestID {
        RequestID(rawValue: lastRequest.wrappingAdd(1, ordering: .relaxed).newValue)
    }

    /// Reads bodies for `model`.
    func decoder(for model: ServableModel) -> InferenceRequestDecoder {
        InferenceRequestDecoder(
            inputs: model.inputs,
            outputs: model.outputs,
            maximumJSONBytes: configuration.requests.maximumJSONBytes.rawValue,
            maximumJSONNodes: configuration.requests.maximumJSONNodes
        )
    }

    /// Refuses new requests from now on.
    func drain() {
        draining.store(true, ordering: .relaxed)
        loop.handle(.drain)
    }

    /// Reads the store again, so that models imported meanwhile are served; what was counted is kept.
    func reloadCatalog() throws(ServingError) {
        let listing = try Self.readStore(store, lease, logger)
        let policy = configuration.scheduling.policy
        let fresh = Self.makeCatalog(listing, store, units, policy, keeping: catalog, metrics)
        let isChanged = served.withLock { current in
            defer { current = fresh }
            return current.records.map(\.model) != fresh.records.map(\.model)
        }
        if isChanged { loop.handle(.catalogChanged(fresh.dispatch)) }
    }

    /// All metrics as text, as of now.
    func scrape() -> [UInt8] {
        metrics.scrape(
            dispatch: loop.read(DispatchView.init),
            blocks: blocks.ledger,
            compiled: units.counters,
            catalog: catalog
        )
    }
}
