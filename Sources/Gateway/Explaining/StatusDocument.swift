internal import Dispatching
internal import JSONCoding
internal import ModelServing
internal import ServingCore

/// The answer to `GET /v1/status`: the numbers of the dashboard.
struct StatusDocument: JSONWritable {
    private let snapshot: GatewaySnapshot
    private let ledger: RequestLedger
    private let recent: [OutcomeHistory.Step]
    private let accuracy: EstimateAccuracy
    private let stages: StageMetrics
    private let uploads: (received: UInt64, wasted: UInt64)
    private let uptime: Duration
    private let isDraining: Bool
    private let queueLimit: Int

    init(_ core: GatewayCore) {
        // The ledger last: what the snapshot shows under way is admitted there.
        snapshot = GatewaySnapshot(core)
        (ledger, recent) = core.metrics.ledger
        stages = core.metrics.stages
        accuracy = stages.accuracy
        uploads = core.metrics.uploads.bytes
        uptime = core.started.duration(to: snapshot.now)
        isDraining = core.isDraining
        queueLimit = core.configuration.requests.maximumQueued
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", GatewayVersion.name)
            writer.member("version", GatewayVersion.current)
            writer.member("uptime_s", seconds: uptime)
            writer.member("draining", isDraining)
            writer.member("policy", snapshot.scheduling.policy.rawValue)
            writer.member("mode", snapshot.scheduling.mode.rawValue)
            writeGoodput(to: &writer)
            writeRequests(to: &writer)
            writeObserved(to: &writer)
            writeQueue(to: &writer)
            writeMemory(to: &writer)
            writeUplink(to: &writer)
            writeBlocks(to: &writer)
            writeRunning(to: &writer)
            writePlanning(to: &writer)
            writeEstimates(to: &writer)
            writeModels(to: &writer)
        }
    }

    /// Over how many of the last seconds the goodput is an average.
    private static let goodputWindow = 10

    private func writeGoodput(to writer: inout JSONWriter) {
        let window = recent.suffix(Self.goodputWindow)
        let rate = Double(window.reduce(0) { $0 + $1[.inTime] }) / Double(max(window.count, 1))
        writer.member("goodput_per_s", orNull: rate)
        writer.key("recent")
        writer.object { writer in
            writer.member("step_s", 1)
            writer.member("in_time", recent.map { $0[.inTime] })
            writer.member("late", recent.map { $0[.late] })
            writer.member("failed", recent.map { $0[.failed] })
            writer.member("rejected", recent.map { $0[.rejected] })
        }
    }

    private func writeRequests(to writer: inout JSONWriter) {
        writer.key("requests")
        writer.object { writer in
            writer.member("received", ledger.received)
            writer.member("rejected", ledger.rejected)
            writer.member("admitted", ledger.admitted)
            writer.member("in_time", ledger.settled(.met))
            writer.member("late", ledger.settled(.late))
            writer.member("missed", ledger.settled(.missed))
            writer.member("invalid", ledger.settled(.invalid))
            writer.member("failed", ledger.settled(.error))
            writer.member("cancelled", ledger.settled(.cancelled))
            writer.member("in_flight", ledger.inFlight)
            writer.key("rejected_by_reason")
            writer.object { writer in
                for reason in RejectionReason.allCases { writer.member(reason.rawValue, ledger.rejected(for: reason)) }
            }
        }
    }

    /// What would have been done with the requests so far, where that is only observed.
    private func writeObserved(to writer: inout JSONWriter) {
        guard snapshot.scheduling.mode == .observe else { return }
        let observed = snapshot.dispatcher.counters.observed
        writer.key("observed")
        writer.object { writer in
            writer.member("rejected", observed.refusedTotal)
            writer.member("given_up", observed.givenUp)
            writer.key("rejected_by_reason")
            writer.object { writer in
                for (code, count) in observed.refused.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                    writer.member(RejectionReason(code).rawValue, count)
                }
            }
        }
    }

    private func writeQueue(to writer: inout JSONWriter) {
        let batches = snapshot.dispatcher.plannedBatches(at: snapshot.now)
        writer.key("queue")
        writer.object { writer in
            writer.member("waiting", snapshot.dispatcher.queuedRequestCount)
            writer.member("uploading", batches.reduce(0) { $0 + $1.requests.count - $1.readyRequests })
            writer.member("batches", batches.count)
            writer.member("limit", queueLimit)
        }
    }

    private func writeMemory(to writer: inout JSONWriter) {
        let residency = snapshot.residency
        writer.key("memory")
        writer.object { writer in
            writer.member("used_bytes", residency.used.rawValue)
            writer.member("limit_bytes", residency.limit.rawValue)
            writer.member("pinned_bytes", snapshot.dispatcher.pinnedBytes.rawValue)
            writer.member("blocks", residency.entries.count)
        }
    }

    private func writeUplink(to writer: inout JSONWriter) {
        writer.key("uplink")
        writer.object { writer in
            writer.member("capacity_hz", ifKnown: snapshot.dispatcher.configuration.uplink.capacity?.rawValue)
            writer.member("granted_hz", ifKnown: snapshot.dispatcher.allocatedUplink?.rawValue)
            writer.member("received_bytes", uploads.received)
            writer.member("wasted_bytes", uploads.wasted)
        }
    }

    private func writeBlocks(to writer: inout JSONWriter) {
        let counters = snapshot.dispatcher.counters
        writer.key("blocks")
        writer.object { writer in
            writer.member("hits", counters.blockHits)
            writer.member("misses", counters.blockMisses)
            writer.member("evictions", snapshot.residency.counters.evictions)
            writer.member("load_failures", snapshot.residency.counters.failures)
            writer.member("reused_bytes", counters.reusedBytes)
            writer.member("loaded_bytes", counters.loadedBytes)
        }
    }

    private func writeRunning(to writer: inout JSONWriter) {
        writer.key("running")
        writer.array { writer in
            for batch in snapshot.dispatcher.executingBatches {
                writer.object { writer in
                    writer.member("lane", batch.lane)
                    writer.model(batch.model)
                    writer.member("requests", batch.requests.count)
                    writer.member("start_ms", batch.start, from: snapshot.now)
                    writer.member("finish_ms", batch.finish, from: snapshot.now)
                }
            }
        }
    }

    private func writePlanning(to writer: inout JSONWriter) {
        let counters = snapshot.dispatcher.counters
        writer.key("planning")
        writer.object { writer in
            writer.member("batches", counters.batches)
            writer.member("plans_adopted", counters.plansAdopted)
            writer.member("plans_discarded", counters.plansDiscarded)
        }
    }

    private func writeEstimates(to writer: inout JSONWriter) {
        writer.key("estimate_errors")
        writer.object { writer in
            for stage in EstimateCheck.Stage.allCases {
                let summary = accuracy.summary(of: stage)
                writer.key(stage.rawValue)
                writer.object { writer in
                    writer.member("count", summary?.count ?? 0)
                    writer.member("median", ifKnown: summary?.median)
                    writer.member("p90", ifKnown: summary?.p90)
                }
            }
        }
    }

    private func writeModels(to writer: inout JSONWriter) {
        writer.key("models")
        writer.array { writer in
            let estimates = Dictionary(snapshot.dispatcher.modelEstimates.map { ($0.model, $0) }) { first, _ in first }
            for model in snapshot.catalog.models { write(model, estimates[model.id], to: &writer) }
        }
    }

    /// Writes a model; one that was never read whole has no estimate and no blocks.
    private func write(
        _ model: ServedCatalog.Listed,
        _ estimate: ModelEstimateView?,
        to writer: inout JSONWriter
    ) {
        let blocks = model.record?.model.blocks ?? []
        let account = model.record.map { ledger[$0.account] }
        writer.object { writer in
            writer.model(model.id)
            writer.member("state", model.state.isReady ? "READY" : "UNAVAILABLE")
            writer.member("reason", model.state.reason)
            writer.member("resident", estimate?.isResident ?? false)
            writer.member("pinned", estimate?.isPinned ?? false)
            writer.member("bytes", blocks.reduce(ByteCount.zero) { $0 + $1.size }.rawValue)
            writer.member("blocks", blocks.count)
            writer.member("compute_base_ms", milliseconds: estimate?.base ?? .zero)
            writer.member("compute_item_ms", milliseconds: estimate?.item ?? .zero)
            writer.member("margin", orNull: estimate?.margin ?? 1)
            // Versions of one name share an account.
            writer.member("admitted", account?.admitted ?? 0)
            writer.member("in_time", account?.settled[.met] ?? 0)
            writer.member("late", account?.settled[.late] ?? 0)
            writer.member("missed", account?.settled[.missed] ?? 0)
            writer.member("invalid", account?.settled[.invalid] ?? 0)
            writer.member("failed", account?.settled[.error] ?? 0)
            writer.member("rejected", account?.rejected.values.reduce(0, +) ?? 0)
            writeLatency(of: model.id.name, to: &writer)
        }
    }

    /// Writes how long answered requests took; null where none was.
    private func writeLatency(of model: String, to writer: inout JSONWriter) {
        let names = ["p50", "p95", "p99"]
        let found = stages.latency(of: model, at: [0.5, 0.95, 0.99])
        writer.key("latency_ms")
        writer.object { writer in
            for (name, seconds) in zip(names, found ?? names.map { _ in .nan }) {
                writer.member(name, orNull: (seconds * 1e6).rounded() / 1e3)
            }
        }
    }
}
