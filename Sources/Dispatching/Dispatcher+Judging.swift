import LoadScheduling

/// Whether a plan is worth taking over.
extension Dispatcher {
    /// Whether `candidate`, of which `new` was computed, is better than the plan: fewer requests late, or as many less late, or
    /// the last batch done a good deal earlier with as much room for newcomers; never at the uplink's cost.
    ///
    /// Counted, not compared request by request: of a plan that fails several, one that fails fewer is better, whichever they are.
    /// - Complexity: O(batches and their requests).
    func isBetter(_ candidate: BatchPlan, _ new: ScheduleTimeline) -> Bool {
        let old = timeline
        guard !new.exceedsMemory, new.uplinkSuffices || !old.uplinkSuffices, !hurriesUploads(candidate, new) else {
            return false
        }
        if new.lateRequests != old.lateRequests { return new.lateRequests < old.lateRequests }
        let margin = max(0.02 * (old.end - state.now), 1e-4)
        let tardiness = (new: new.tardiness(of: candidate.outlines), old: old.tardiness(of: plan.outlines))
        if abs(tardiness.new - tardiness.old) > margin { return tardiness.new < tardiness.old }
        return new.end < old.end - margin && new.meanRoom >= old.meanRoom - 1e-6
    }

    /// By how much less time than it was granted its share for an upload may get, in seconds.
    private static let uploadTolerance = 1e-3

    /// Whether a batch under upload would have to start earlier than now planned: constant shares were promised for as long.
    ///
    /// Where uploads take turns, ends follow from the order alone, and no share was promised.
    private func hurriesUploads(_ candidate: BatchPlan, _ new: ScheduleTimeline) -> Bool {
        guard server.shares == .constant else { return false }
        var latestStarts: [Int: Double] = [:]
        for index in plan.indices where plan.outlines[index].uplinkWork > 0 {
            latestStarts[plan.batches[index].number] = timeline.entries[index].latestStart
        }
        guard !latestStarts.isEmpty else { return false }
        return candidate.indices.contains { index in
            guard candidate.outlines[index].uplinkWork > 0 else { return false }
            let latest = new.entries[index].latestStart + Self.uploadTolerance
            return candidate.batches[index].members.contains { slot in
                requests[slot].work > 0 && latest < latestStarts[requests[slot].batch] ?? -.infinity
            }
        }
    }
}
