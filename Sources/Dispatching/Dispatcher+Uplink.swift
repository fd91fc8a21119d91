import BandwidthAllocation
import LoadScheduling
import ServingCore

extension Dispatcher {
    /// Solves the shares of all uploads anew if something has changed and the last time is long enough ago.
    mutating func solveShares(_ actions: inout [DispatchAction]) {
        guard uploads.takeTurn(at: state.now) else { return }
        uploads.settle(&queue, at: state.now)
        updateTimeline()
        let latestStarts = timeline.entries.lazy.map(\.latestStart)
        let changes = uploads.solve(&queue, latestStarts: latestStarts, costs: costs, at: state.now)
        guard !isObserving else { return }
        for (slot, share) in changes {
            let revision = queue.nextRateRevision(of: slot)
            let rate = share.rate(at: SpectralEfficiency(rawValue: requests[slot].efficiency))
            actions.append(.setUploadRate(requests[slot].id, rate, revision: revision))
        }
    }

    /// Brings what uploads still need up to date before the plan is judged by it.
    mutating func settleUploadsIfOld() { uploads.settleIfOld(&queue, at: state.now) }

    /// What the uplink can carry for a request by its deadline, beside what is promised.
    ///
    /// What is free is what fits between the least shares of the others, the same for constant and for varying shares.
    mutating func uplinkQuota(for entry: RequestTable.Entry) -> UplinkQuota {
        updateTimeline()
        let window = max(entry.planned - state.now, 0)
        let bytes = entry.efficiency * window / 8
        let free = max(server.uplink.rawValue - timeline.leastShareTotal, 0)
        var reset = 0.0
        for index in plan.indices where plan.outlines[index].uplinkWork > 0 {
            reset = max(reset, timeline.entries[index].latestStart - state.now)
        }
        return UplinkQuota(
            windowBytes: ByteCount(Self.count(server.uplink.rawValue * bytes)),
            window: Self.duration(window),
            freeBytes: ByteCount(Self.count(free * bytes)),
            reset: Self.duration(reset)
        )
    }

    private static func count(_ bytes: Double) -> Int { bytes.isFinite ? Int(min(max(bytes, 0), 1e15)) : 0 }
}
