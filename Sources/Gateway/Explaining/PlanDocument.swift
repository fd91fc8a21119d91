internal import Dispatching
internal import JSONCoding
internal import ModelServing
internal import ServingCore

/// The answer to `GET /v1/plan`: what runs, what loads, the batches that follow in order, and why each request waits.
struct PlanDocument: JSONWritable {
    private let snapshot: GatewaySnapshot
    private let batches: [PlannedBatchView]
    private let waiting: [WaitingRequest]

    /// Lists at most `limit` waiting requests, the first of the plan first.
    init(_ snapshot: GatewaySnapshot, limit: Int) {
        self.snapshot = snapshot
        batches = snapshot.dispatcher.plannedBatches(at: snapshot.now)
        waiting = WaitingRequest.all(in: snapshot, batches: batches, limit: limit)
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("policy", snapshot.scheduling.policy.rawValue)
            writer.member("mode", snapshot.scheduling.mode.rawValue)
            writer.member("lanes", snapshot.dispatcher.lanes)
            writeRunning(to: &writer)
            writeLoading(to: &writer)
            writeBatches(to: &writer)
            writer.member("waiting_count", snapshot.dispatcher.queuedRequestCount)
            writer.member("waiting", waiting)
            writer.key("uplink")
            writer.object { writer in
                writer.member("capacity_hz", ifKnown: snapshot.dispatcher.configuration.uplink.capacity?.rawValue)
                writer.member("granted_hz", ifKnown: snapshot.dispatcher.allocatedUplink?.rawValue)
            }
            writeResidents(to: &writer)
        }
    }

    private func writeRunning(to writer: inout JSONWriter) {
        writer.key("running")
        writer.array { writer in
            for batch in snapshot.dispatcher.executingBatches {
                writer.object { writer in
                    writer.member("lane", batch.lane)
                    writer.model(batch.model)
                    writer.member("requests", batch.requests)
                    writer.member("start_ms", batch.start, from: snapshot.now)
                    writer.member("finish_ms", batch.finish, from: snapshot.now)
                }
            }
        }
    }

    private func writeLoading(to writer: inout JSONWriter) {
        writer.key("loading")
        guard let load = snapshot.dispatcher.loadInFlight else { return writer.null() }
        writer.object { writer in
            if let model = load.model { writer.model(model) }
            writer.member("purpose", load.purpose.word)
            writer.member("blocks", load.blocks)
            writer.member("bytes", load.blocks.reduce(ByteCount.zero) { $0 + $1.size }.rawValue)
            writer.member("finish_ms", load.finish, from: snapshot.now)
        }
    }

    private func writeBatches(to writer: inout JSONWriter) {
        // A block that an earlier batch loads is there for the later ones.
        var present = Set(snapshot.residency.entries.keys)
        writer.key("batches")
        writer.array { writer in
            for batch in batches {
                let blocks = snapshot.blocks(of: batch.model)
                let missing = blocks.filter { !present.contains($0.id) }
                write(batch, toLoad: missing, reused: blocks.filter { present.contains($0.id) }, to: &writer)
                present.formUnion(missing.map(\.id))
            }
        }
    }

    private func write(
        _ batch: PlannedBatchView,
        toLoad missing: [ParameterBlock],
        reused: [ParameterBlock],
        to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.model(batch.model)
            writer.member("requests", batch.requests)
            writer.member("lane", batch.lane)
            writer.member("uploaded", batch.readyRequests)
            writer.member("blocks_to_load", missing)
            writer.member("bytes_to_load", missing.reduce(ByteCount.zero) { $0 + $1.size }.rawValue)
            writer.member("blocks_reused", reused)
            writer.member("load_start_ms", batch.loadStart, from: snapshot.now)
            writer.member("load_finish_ms", batch.loadFinish, from: snapshot.now)
            writer.member("start_ms", batch.start, from: snapshot.now)
            writer.member("finish_ms", batch.finish, from: snapshot.now)
            writer.member("latest_start_ms", batch.latestStart, from: snapshot.now)
            writer.member("deadline_ms", batch.deadline, from: snapshot.now)
        }
    }

    private func writeResidents(to writer: inout JSONWriter) {
        let residency = snapshot.residency
        writer.key("residents")
        writer.object { writer in
            writer.member("models", snapshot.dispatcher.residentModels.map(\.description))
            writer.member("pinned_models", snapshot.dispatcher.pinnedModels.map(\.description))
            writer.member("used_bytes", residency.used.rawValue)
            writer.member("limit_bytes", residency.limit.rawValue)
        }
    }
}

extension LoadOrder.Purpose {
    /// Its name on the wire.
    var word: String {
        switch self {
        case .batch: "batch"
        case .pin: "pin"
        case .eviction: "eviction"
        }
    }
}
