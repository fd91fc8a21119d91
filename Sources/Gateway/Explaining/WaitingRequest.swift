internal import Dispatching
internal import JSONCoding
internal import ServingCore

/// One request that waits, and what for.
struct WaitingRequest: JSONWritable {
    /// What stands between a request and its run; the first that holds.
    enum Cause: Equatable {
        /// Its body is not here.
        case upload
        /// Blocks of its model are not in memory, and are loading or not.
        case load(missing: Int, isUnderWay: Bool)
        /// Others are planned before its batch.
        case earlierBatches(Int)
        /// Its batch waits for the bodies of others in it.
        case batchUploads(Int)
        /// Another batch runs.
        case runningBatch
    }

    let view: RequestView
    /// The place of its batch in the plan.
    let batch: Int
    let cause: Cause
    private let now: MonotonicInstant

    /// The requests of the plan in its order, at most `limit`.
    static func all(in snapshot: GatewaySnapshot, batches: [PlannedBatchView], limit: Int) -> [WaitingRequest] {
        var all: [WaitingRequest] = []
        for (index, batch) in batches.enumerated() {
            for id in batch.requests {
                guard all.count < limit else { return all }
                guard let view = snapshot.dispatcher.request(id) else { continue }
                let cause = cause(of: view, in: batch, at: index, loading: snapshot.dispatcher.loadInFlight)
                all.append(WaitingRequest(view: view, batch: index, cause: cause, now: snapshot.now))
            }
        }
        return all
    }

    /// One request of the plan; nil for one that is not in it.
    static func find(_ id: RequestID, in snapshot: GatewaySnapshot) -> WaitingRequest? {
        let batches = snapshot.dispatcher.plannedBatches(at: snapshot.now)
        guard let index = batches.firstIndex(where: { $0.requests.contains(id) }),
            let view = snapshot.dispatcher.request(id)
        else { return nil }
        let cause = cause(of: view, in: batches[index], at: index, loading: snapshot.dispatcher.loadInFlight)
        return WaitingRequest(view: view, batch: index, cause: cause, now: snapshot.now)
    }

    private static func cause(
        of request: RequestView,
        in batch: PlannedBatchView,
        at index: Int,
        loading: LoadInFlightView?
    ) -> Cause {
        if request.phase == .uploading { return .upload }
        let isLoading = loading?.model == batch.model
        if batch.missingBlocks > 0 || isLoading {
            return .load(missing: batch.missingBlocks, isUnderWay: isLoading)
        }
        if index > 0 { return .earlierBatches(index) }
        let uploads = batch.requests.count - batch.readyRequests
        return uploads > 0 ? .batchUploads(uploads) : .runningBatch
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("request_id", view.id.description)
            writer.model(view.model)
            writer.member("batch", batch)
            writer.member("state", view.phase == .uploading ? "uploading" : "waiting")
            writer.member("deadline_ms", view.deadline, from: now)
            if let share = view.share { writer.member("share_hz", orNull: share.rawValue) }
            writer.member("waits_for", cause.word)
            writer.member("why", cause.sentence)
        }
    }
}

extension WaitingRequest.Cause {
    /// Its name on the wire.
    var word: String {
        switch self {
        case .upload: "upload"
        case .load: "load"
        case .earlierBatches: "earlier_batches"
        case .batchUploads: "batch_uploads"
        case .runningBatch: "running_batch"
        }
    }

    /// It in words.
    var sentence: String {
        switch self {
        case .upload: "its body is on the way"
        case .load(_, true): "blocks of its model are being loaded"
        case .load(1, false): "a block of its model is not in memory and is loaded later"
        case .load(let missing, false): "\(missing) blocks of its model are not in memory and are loaded later"
        case .earlierBatches(1): "another batch is planned before its own"
        case .earlierBatches(let count): "\(count) batches are planned before its own"
        case .batchUploads(1): "its batch waits for the body of another request in it"
        case .batchUploads(let count): "its batch waits for the bodies of \(count) other requests in it"
        case .runningBatch: "its batch is next, when the one that runs is done"
        }
    }
}
