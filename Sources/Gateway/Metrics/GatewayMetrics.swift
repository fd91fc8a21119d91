internal import Dispatching
internal import MetricsExposition
internal import ModelServing
internal import ServingCore
private import Synchronization

/// Everything the gateway counts, and its text for Prometheus.
final class GatewayMetrics: Sendable {
    private let registry = MetricRegistry()
    private let families: RequestFamilies
    private let ledger = Mutex(RequestLedger())
    private let view: ScrapeView
    /// Requests whose model is not in the catalog are counted under one name, so that labels stay bounded.
    private let unknownModel: ModelMetrics
    /// Times of the stages.
    let stages: StageMetrics
    /// Bytes of uploads.
    let uploads: UploadMetrics
    /// How many requests each batch held.
    let batchSizes: Histogram
    /// How long the planner took.
    let planDurations: Histogram

    init() {
        families = RequestFamilies(registry)
        unknownModel = ModelMetrics(model: "unknown", in: families)
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
        view = ScrapeView()
        view.register(in: registry)
    }

    /// The series of one model.
    func model(named name: String) -> ModelMetrics {
        ModelMetrics(model: name, in: families)
    }

    /// Counts a refusal; `record` is nil where no model was found.
    func reject(_ error: ServingError, _ record: ModelRecord?) {
        let reason = RejectionReason(error.code)
        ledger.withLock { $0.reject(reason) }
        let series = record?.metrics ?? unknownModel
        series.rejected.increment()
        series.rejections[reason]?.increment()
    }

    /// Counts an admission.
    func admit() {
        ledger.withLock { $0.admit() }
    }

    /// Counts how an admitted request ended, the first time it is told.
    func settle(_ ticket: InferenceTicket, _ outcome: InferenceTicket.Outcome) {
        guard ticket.settle(outcome) else { return }
        ledger.withLock { $0.settle(outcome) }
        ticket.record.metrics.outcomes[outcome]?.increment()
    }

    /// All samples, as of one moment.
    func scrape(dispatch: DispatchView, blocks: ResidencyLedger, catalog: ServedCatalog) -> [UInt8] {
        view.update(
            ScrapeView.Values(
                ledger: ledger.withLock { $0 },
                dispatch: dispatch,
                blocks: blocks,
                residentModels: catalog.residency(in: blocks)
            )
        )
        var text: [UInt8] = []
        text.reserveCapacity(1 << 15)
        registry.emit(into: &text)
        return text
    }
}
