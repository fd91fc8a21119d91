internal import Dispatching
internal import HTTPTransport
internal import MetricsExposition
internal import ModelServing
internal import ServingCore
internal import TransportSecurity
private import Synchronization

/// Everything the gateway counts, and its text for Prometheus.
final class GatewayMetrics: Sendable {
    private struct Accounts {
        var ledger = RequestLedger()
        var history = OutcomeHistory()
    }

    private let registry = MetricRegistry()
    private let accounts = Mutex(Accounts())
    private let clock: @Sendable () -> MonotonicInstant
    private let view = ScrapeView()
    /// Scrapes come one after the other, so that each text is made from one moment.
    private let scraping = Mutex(())
    /// Times of the stages.
    let stages: StageMetrics
    /// Bytes of uploads.
    let uploads: UploadMetrics
    /// Calls to the platform's bandwidth management.
    let bandwidthManagement: BandwidthManagementMetrics
    /// What became of callers at the gate.
    let callers: CallerMetrics
    /// Runs that failed.
    let runs: RunMetrics
    /// What the transport did by itself.
    let transport: TransportMetrics
    /// How many requests each batch held.
    let batchSizes: Histogram
    /// How long the planner took.
    let planDurations: Histogram
    /// Requests the HTTP server refused before any operation saw them.
    let transportRefusals: TransportRefusals

    /// What becomes of each request.
    let journal: RequestJournal

    private let log: RequestLog?

    /// Makes counters at nought; tells of `identity`, where TLS is spoken, when it ends. Requests that end badly are logged where there is a `log`.
    init(
        keptDecisions: Int,
        identity: TLSIdentity? = nil,
        log: RequestLog? = nil,
        clock: @escaping @Sendable () -> MonotonicInstant
    ) {
        self.log = log
        self.clock = clock
        journal = RequestJournal(capacity: keptDecisions)
        stages = StageMetrics(registry)
        uploads = UploadMetrics(registry)
        bandwidthManagement = BandwidthManagementMetrics(registry)
        callers = CallerMetrics(registry)
        runs = RunMetrics(registry)
        transport = TransportMetrics(registry)
        LogWriter.register(in: registry)
        ProcessMetrics.register(in: registry)
        if let identity { CertificateMetrics.register(identity, in: registry) }
        batchSizes =
            registry.histogram(
                "gateway_batch_size",
                help: "Requests in each batch that ran.",
                buckets: .batchSizes
            ).unlabelled
        planDurations =
            registry.histogram(
                "gateway_plan_duration_seconds",
                help: "Time the planner took for one plan.",
                buckets: .exponential(from: 1e-5, factor: 4, count: 10)
            ).unlabelled
        transportRefusals = TransportRefusals(registry)
        view.register(in: registry)
    }

    /// The account of one model's requests.
    func account(named name: String) -> RequestLedger.AccountID {
        accounts.withLock { $0.ledger.account(named: name) }
    }

    /// The account of all requests, and how they ended in each of the last seconds.
    var ledger: (account: RequestLedger, recent: [OutcomeHistory.Step]) {
        let now = clock()
        let (ledger, history) = accounts.withLock { ($0.ledger, $0.history) }
        return (ledger, history.recent(at: now.wholeSeconds))
    }

    /// Counts a refusal of an inference request at its head.
    ///
    /// `owner` names the key it came with, if any; `record` is nil where no model was found.
    func reject(
        _ id: RequestID,
        _ head: RequestHead,
        owner: String? = nil,
        _ error: ServingError,
        _ record: ModelRecord?
    ) {
        let now = clock()
        accounts.withLock { accounts in
            accounts.ledger.reject(RejectionReason(error.code), in: record?.account ?? .unknown)
            accounts.history.count(.rejected, at: now.wholeSeconds)
        }
        stages.observeRefusal(after: head.arrival.duration(to: now))
        log?.refused(id, head, model: record?.model.id, error)
        journal.end(
            RequestRecord(
                refused: id,
                owner: owner,
                model: record?.model.id,
                arrival: head.arrival,
                error: error,
                at: now
            )
        )
    }

    /// Counts an admission, unless the request has failed meanwhile and was counted then.
    func admit(_ ticket: InferenceTicket) {
        accounts.withLock { accounts in
            if ticket.enterLedger() { accounts.ledger.admit(in: ticket.record.account) }
        }
        journal.admit(ticket)
    }

    /// Counts how an admitted request ended, the first time it is told.
    func settle(
        _ ticket: InferenceTicket,
        _ outcome: InferenceTicket.Outcome,
        error: ServingError? = nil,
        answer: InferenceAnswer? = nil
    ) {
        guard ticket.settle(outcome) else { return }
        let now = clock()
        accounts.withLock { accounts in
            if ticket.enterLedger() { accounts.ledger.admit(in: ticket.record.account) }
            accounts.ledger.settle(outcome, in: ticket.record.account)
            if let kind = outcome.kind { accounts.history.count(kind, at: now.wholeSeconds) }
        }
        log?.ended(ticket.id, ticket.exchange.head, model: ticket.record.model.id, outcome, error)
        journal.end(RequestRecord(of: ticket, outcome, error: error, answer: answer, at: now))
    }

    /// All samples, as of one moment.
    func scrape(
        dispatch: DispatchView,
        blocks: ResidencyLedger,
        compiled: CompiledCounters,
        catalog: ServedCatalog,
        isReady: Bool
    ) -> [UInt8] {
        scraping.withLock { _ in
            view.update(
                ScrapeView.Values(
                    ledger: accounts.withLock { $0.ledger },
                    dispatch: dispatch,
                    blocks: blocks,
                    compiled: compiled,
                    residentModels: catalog.residency(in: blocks),
                    readyModels: catalog.models.map { ($0.id, $0.state.isReady) },
                    isReady: isReady
                )
            )
            var text: [UInt8] = []
            text.reserveCapacity(1 << 15)
            registry.emit(into: &text)
            return text
        }
    }
}

extension MonotonicInstant {
    /// Whole seconds since the clock's origin.
    fileprivate var wholeSeconds: Int64 { nanoseconds / 1_000_000_000 }
}

extension InferenceTicket.Outcome {
    /// Where the history counts it; nil for clients that went away.
    fileprivate var kind: OutcomeHistory.Kind? {
        switch self {
        case .met: .inTime
        case .late, .missed: .late
        case .invalid: .rejected
        case .error: .failed
        case .cancelled: nil
        }
    }
}
