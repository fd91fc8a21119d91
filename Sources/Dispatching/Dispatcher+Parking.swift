import AdmissionControl
import LoadScheduling
import ServingCore

/// Requests whose device sends nothing wait outside the plan, where they hold no time, memory or uplink share.
extension Dispatcher {
    /// Takes an upload that sends nothing out of the plan; it stays admitted until its deadline can no longer be met.
    mutating func park(_ slot: Int) {
        uploads.noteChange()
        queue.park(slot)
        wake.parkedExpiry = min(wake.parkedExpiry, lastMoment(of: slot))
        wake.nextExpiry = min(wake.nextExpiry, wake.parkedExpiry)
    }

    /// When a request can no longer be done even alone, as soon as it can start.
    private func lastMoment(of slot: Int) -> Double {
        requests[slot].deadline - costs.seconds(of: requests[slot].model, requests: 1) + 1e-6
    }

    /// The parked requests that can no longer be done.
    /// - Complexity: O(1) until one is due, then O(parked requests).
    mutating func expiredParked() -> [Int] {
        guard state.now >= wake.parkedExpiry else { return [] }
        wake.parkedExpiry = .infinity
        var expired: [Int] = []
        for slot in queue.parked {
            let moment = lastMoment(of: slot)
            if moment <= state.now { expired.append(slot) } else { wake.parkedExpiry = min(wake.parkedExpiry, moment) }
        }
        return expired
    }

    /// A parked upload goes on, or its body is here: it gets a place again, or fails where it cannot be in time any more.
    mutating func comeBack(_ slot: Int, _ actions: inout [DispatchAction]) {
        settleUploadsIfOld()
        if requests[slot].phase == .uploading {
            let left = max(requests[slot].wholeBits - requests[slot].receivedBits, 0)
            let end = uploadEnd(bits: left, linkRate: nil)
            queue.setUploadEnd(max(requests[slot].uploadEnd, end), ofParked: slot)
        }
        replan(slot, &actions)
    }
}
