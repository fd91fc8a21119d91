internal import Dispatching
internal import MetricsExposition
internal import ModelServing
internal import ServingCore
private import Synchronization

/// Everything the gateway counts, and its text for Prometheus.
final class GatewayMetrics: Sendable {
    private let registry = MetricRegistry()
    private let ledger = Mutex(RequestLedger())
    private let view = ScrapeView()
    /// Scrapes come one after the other, so that each text is made from one moment.
    private let scraping = Mutex(())
    /// Times of the stages.
    let stages: StageMetrics
    /// Bytes of uploads.
    let uploads: UploadMetrics
    /// How many requests each batch held.
    let batchSizes: Histogram
    /// How long the planner took.
    let planDurations: Histogram

    init() {
        stages = StageMetrics(registry)
        uploads = UploadMetrics(registry)
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
        view.register(in: registry)
    }

    /// The account of one model's requests.
    func account(named name: String) -> RequestLedger.AccountID {
        ledger.withLock { $0.account(named: name) }
    }

    /// Counts a refusal; `record` is nil where no model was found.
    func reject(_ error: ServingError, _ record: ModelRecord?) {
        ledger.withLock { $0.reject(RejectionReason(error.code), in: record?.account ?? .unknown) }
    }

    /// Counts an admission.
    func admit(_ record: ModelRecord) {
        ledger.withLock { $0.admit(in: record.account) }
    }

    /// Counts how an admitted request ended, the first time it is told.
    func settle(_ ticket: InferenceTicket, _ outcome: InferenceTicket.Outcome) {
        guard ticket.settle(outcome) else { return }
        ledger.withLock { $0.settle(outcome, in: ticket.record.account) }
    }

    /// All samples, as of one moment.
    func scrape(
        dispatch: DispatchView,
        blocks: ResidencyLedger,
        compiled: CompiledCounters,
        catalog: ServedCatalog
    ) -> [UInt8] {
        scraping.withLock { _ in
            view.update(
                ScrapeView.Values(
                    ledger: ledger.withLock { $0 },
                    dispatch: dispatch,
                    blocks: blocks,
                    compiled: compiled,
                    residentModels: catalog.residency(in: blocks)
                )
            )
            var text: [UInt8] = []
            text.reserveCapacity(1 << 15)
            registry.emit(into: &text)
            return text
        }
    }
}
