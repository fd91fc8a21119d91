import AdmissionControl
import LoadScheduling
import ServingCore

/// What ``AdmissionMode/observe`` changes: what would be refused is taken in behind all others, what would be given up runs.
extension Dispatcher {
    var isObserving: Bool { configuration.mode == .observe }

    /// Whether a request that cannot be in time is given up before its deadline has passed.
    var givesUpEarly: Bool { configuration.policy.isPlanned }

    /// Whether a request is taken out of the queue when its deadline has passed.
    var dropsExpired: Bool { configuration.policy.isPlanned || !configuration.runsExpired }

    /// Takes in at the end of the plan what would have been refused for lack of time or uplink; nil for other refusals.
    ///
    /// It counts on no uplink, as it would not be sent, and nobody in time waits for it: what is observed of the others
    /// stays what it would have been.
    mutating func takeInAnyway(_ error: ServingError, _ entry: inout RequestTable.Entry) -> Grant? {
        guard isObserving, error.code == .deadlineUnreachable || error.code == .uplinkUnavailable else { return nil }
        counters.observed.refused[error.code, default: 0] += 1
        entry.isUnplanned = true
        (entry.work, entry.wholeWork) = (0, 0)
        _ = queue.append(entry)
        planning.isDirty = true
        return Grant(
            rate: nil,
            share: nil,
            estimate: error.breakdown ?? LatencyBreakdown(),
            observed: ObservedDecision(refusal: error.code)
        )
    }

    /// Whether a request that cannot be in time any more is given up: where that is only observed, it is counted, once.
    mutating func givesUp(on slot: Int) -> Bool {
        guard isObserving else { return true }
        guard !requests[slot].isUnplanned else { return false }
        queue.markUnplanned(slot)
        counters.observed.givenUp += 1
        return false
    }
}
