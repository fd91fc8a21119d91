internal import Dispatching
internal import MetricsExposition
internal import ModelServing
internal import ServingCore
private import Synchronization

/// Values that are kept elsewhere and read at each scrape, all from the same moment.
final class ScrapeView: Sendable {
    /// What is read.
    struct Values: Sendable {
        var ledger = RequestLedger()
        var dispatch = DispatchView()
        var blocks = ResidencyLedger(limit: .zero)
        var compiled = CompiledCounters()
        var residentModels: [(model: String, isResident: Bool)] = []
        var readyModels: [(id: ModelID, isReady: Bool)] = []
        var isReady = false
    }

    private let values = Mutex(Values())

    /// Takes the values the next text is made of.
    func update(_ new: Values) {
        values.withLock { $0 = new }
    }

    /// Registers everything that is read; the registry keeps this view alive.
    func register(in registry: MetricRegistry) {
        registerAccounts(registry)
        registerLedger(registry)
        registerObserved(registry)
        registerBlocks(registry)
        registerUplink(registry)
        registerModels(registry)
    }

    /// The two families that have series for each model.
    private func registerAccounts(_ registry: MetricRegistry) {
        let outcomes = "Inference requests by how they ended; met is answered before the deadline."
        registry.counter("gateway_requests_total", help: outcomes) { [self] in
            values.withLock(\.ledger).accounts.flatMap { account in
                let settled = InferenceTicket.Outcome.allCases.map { ($0.rawValue, account.settled[$0] ?? 0) }
                let all = settled + [("rejected", account.rejected.values.reduce(0, +))]
                return all.map { LabelledValue([("model", account.model), ("outcome", $0.0)], Double($0.1)) }
            }
        }
        let reasons = "Inference requests refused at their head, by reason."
        registry.counter("gateway_rejections_total", help: reasons) { [self] in
            values.withLock(\.ledger).accounts.flatMap { account in
                RejectionReason.allCases.map { reason in
                    let labels = [("model", account.model), ("reason", reason.rawValue)]
                    return LabelledValue(labels, Double(account.rejected[reason] ?? 0))
                }
            }
        }
    }

    private func registerLedger(_ registry: MetricRegistry) {
        count(registry, "gateway_received_total", "Inference requests whose head was judged.") { $0.ledger.received }
        count(registry, "gateway_admitted_total", "Inference requests admitted.") { $0.ledger.admitted }
        count(registry, "gateway_rejected_total", "Inference requests refused at their head.") { $0.ledger.rejected }
        gauge(registry, "gateway_in_flight", "Inference requests admitted and not settled.") {
            Double($0.ledger.inFlight)
        }
        gauge(registry, "gateway_queued", "Admitted requests that wait, for their upload or their batch.") {
            Double($0.dispatch.queued)
        }
        count(registry, "gateway_batches_total", "Batches run.") { UInt64($0.dispatch.counters.batches) }
        count(registry, "gateway_plans_adopted_total", "Plans of the planner that were taken.") {
            UInt64($0.dispatch.counters.plansAdopted)
        }
        count(registry, "gateway_plans_discarded_total", "Plans of the planner that were late or no better.") {
            UInt64($0.dispatch.counters.plansDiscarded)
        }
    }

    /// What is only counted where the mode is `observe`.
    private func registerObserved(_ registry: MetricRegistry) {
        let help = "Inference requests that would have been refused, by reason; only in the mode observe."
        registry.counter("gateway_observed_rejections_total", help: help) { [self] in
            let refused = values.withLock(\.dispatch).counters.observed.refused
            return [ServingError.Code.deadlineUnreachable, .uplinkUnavailable].map { code in
                LabelledValue([("reason", RejectionReason(code).rawValue)], Double(refused[code] ?? 0))
            }
        }
        let givenUp = "Requests that would have been given up after their admission; only in the mode observe."
        count(registry, "gateway_observed_given_up_total", givenUp) {
            UInt64($0.dispatch.counters.observed.givenUp)
        }
    }

    private func registerBlocks(_ registry: MetricRegistry) {
        count(registry, "gateway_block_hits_total", "Blocks a batch needed and found resident.") {
            UInt64($0.dispatch.counters.blockHits)
        }
        count(registry, "gateway_block_misses_total", "Blocks loaded for a batch.") {
            UInt64($0.dispatch.counters.blockMisses)
        }
        count(registry, "gateway_block_evictions_total", "Blocks evicted.") { UInt64($0.blocks.counters.evictions) }
        count(registry, "gateway_block_load_failures_total", "Block loads that failed.") {
            UInt64($0.blocks.counters.failures)
        }
        count(registry, "gateway_block_load_retries_total", "Failed block loads that were tried once more.") {
            UInt64($0.dispatch.counters.loadRetries)
        }
        count(registry, "gateway_damaged_blocks_total", "Stored blocks found missing or damaged when they were needed.")
        {
            UInt64($0.compiled.damagedBlocks)
        }
        count(registry, "gateway_compiled_copies_made_total", "Compiled copies of blocks that were made.") {
            UInt64($0.compiled.made)
        }
        count(registry, "gateway_compiled_copies_damaged_total", "Compiled copies found damaged, or not taken.") {
            UInt64($0.compiled.damaged)
        }
        count(registry, "gateway_compiled_copies_rebuilt_total", "Compiled copies made in place of damaged ones.") {
            UInt64($0.compiled.rebuilt)
        }
        count(registry, "gateway_compiled_copies_failed_total", "Compiled copies that could not be made or read back.")
        {
            UInt64($0.compiled.failures)
        }
        count(registry, "gateway_block_reused_bytes_total", "Bytes of the blocks batches found resident.") {
            UInt64($0.dispatch.counters.reusedBytes)
        }
        count(registry, "gateway_block_loaded_bytes_total", "Bytes of the blocks loaded.") {
            UInt64($0.dispatch.counters.loadedBytes)
        }
        registry.gauge("gateway_accelerator_memory_bytes", help: "Accelerator memory for parameter blocks.") { [self] in
            let (blocks, pinned) = values.withLock { ($0.blocks, $0.dispatch.pinned) }
            return [("used", blocks.used), ("limit", blocks.limit), ("pinned", pinned)].map {
                LabelledValue([("kind", $0.0)], Double($0.1.rawValue))
            }
        }
        registry.gauge("gateway_model_resident", help: "Whether all blocks of a model are resident.") { [self] in
            values.withLock(\.residentModels).prefix(512).map {
                LabelledValue([("model", $0.model)], $0.isResident ? 1 : 0)
            }
        }
    }

    private func registerModels(_ registry: MetricRegistry) {
        let build = [("version", GatewayVersion.current)]
        registry.gauge("gateway_build_info", help: "1, with what was built.") { [LabelledValue(build, 1)] }
        gauge(registry, "gateway_ready", "Whether inference requests are taken.") { $0.isReady ? 1 : 0 }
        registry.gauge("gateway_model_ready", help: "Whether requests for a model are taken.") { [self] in
            values.withLock(\.readyModels).prefix(512).map { model in
                let labels = [("model", model.id.name), ("version", String(model.id.version))]
                return LabelledValue(labels, model.isReady ? 1 : 0)
            }
        }
    }

    private func registerUplink(_ registry: MetricRegistry) {
        gauge(registry, "gateway_uplink_capacity_hertz", "The uplink's capacity; 0 where none is configured.") {
            $0.dispatch.capacity?.rawValue ?? 0
        }
        gauge(registry, "gateway_uplink_allocated_hertz", "Bandwidth granted to pending uploads.") {
            $0.dispatch.allocated?.rawValue ?? 0
        }
    }

    private func count(
        _ registry: MetricRegistry,
        _ name: String,
        _ help: String,
        _ read: @escaping @Sendable (Values) -> UInt64
    ) {
        registry.counter(name, help: help) { [self] in [LabelledValue([], Double(read(values.withLock { $0 })))] }
    }

    private func gauge(
        _ registry: MetricRegistry,
        _ name: String,
        _ help: String,
        _ read: @escaping @Sendable (Values) -> Double
    ) {
        registry.gauge(name, help: help, value: { [self] in read(values.withLock { $0 }) })
    }
}
