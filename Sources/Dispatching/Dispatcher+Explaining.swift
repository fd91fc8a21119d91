import LoadScheduling
import ServingCore

/// What an answer says of a request that was admitted and is too late now.
extension Dispatcher {
    /// The error with where the request's time has gone, and what it would still take.
    func explained(_ error: ServingError, _ slot: Int) -> ServingError {
        guard error.code == .deadlinePassed, error.breakdown == nil else { return error }
        var explained = error
        explained.breakdown = breakdown(of: slot)
        explained.deadline = Self.duration(requests[slot].deadline - state.now)
        return explained
    }

    /// From the arrival to the earliest end there could be, by the mean estimates.
    func breakdown(of slot: Int) -> LatencyBreakdown {
        let entry = requests[slot]
        let isReady = entry.phase != .uploading
        let load = missingLoadSeconds(of: entry.model)
        let loaded = max(earliestStart(of: entry.model) - state.now - load, 0)
        let waited = isReady ? state.now - entry.progressed : 0
        return LatencyBreakdown(
            upload: Self.duration((isReady ? entry.progressed : state.now + restOfUpload(entry)) - entry.since),
            wait: Self.duration(waited + loaded),
            load: Self.duration(load),
            compute: Self.duration(costs.seconds(of: entry.model, requests: 1))
        )
    }

    /// Seconds an upload still takes: at its share, or what its device can use of it; by its link where nobody paces it.
    private func restOfUpload(_ entry: RequestTable.Entry) -> Double {
        guard configuration.uplink.capacity != nil else {
            return entry.uploadEnd.isFinite ? max(entry.uploadEnd - state.now, 0) : 0
        }
        let share = min(entry.share, entry.maximumShare)
        // An upload without a share has no end; an hour says so as well.
        return entry.work > 0 ? min(entry.work / max(share, 1e-9), 3600) : 0
    }

    private func missingLoadSeconds(of model: Int) -> Double {
        server.models[model].blocks.reduce(0) { sum, block in
            state.resident.contains(block) ? sum : sum + costs.loads.seconds(of: block)
        }
    }
}
