import AdmissionControl
import LoadScheduling
import ServingCore

/// Answers questions about the plan by the times of a changed plan: to which batch a request is admitted, which batch may run now or be
/// brought forward, and whether another order is better.
///
/// It changes nothing but the queue it is asked to admit into. The plan as it is stands in ``timeline``, which is admission's own,
/// so that what is found for one question serves the next.
struct PlanEditor: Sendable {
    private(set) var admission: AdmissionController
    /// The times of the changed plan that was looked at last.
    private(set) var trial = ScheduleTimeline()
    private(set) var trialOutlines: [BatchOutline] = []
    /// For each of ``trialOutlines``, its batch in the plan.
    private var trialSources: [Int] = []

    init(maximumQueuedRequests: Int, namesEarliestDeadline: Bool) {
        admission = AdmissionController(maximumQueuedRequests: maximumQueuedRequests)
        admission.namesEarliestDeadline = namesEarliestDeadline
    }

    /// The plan's times as of ``update(_:on:from:)``.
    var timeline: ScheduleTimeline { _read { yield admission.before } }

    /// Brings ``timeline`` up to date with the plan.
    mutating func update(_ queue: RequestQueue, on server: EdgeServer, from state: ServerState) {
        admission.update(queue.plan.outlines, on: server, from: state, version: queue.version)
    }

    /// Asks admission for a place; where it finds one, the request must be entered there next.
    mutating func ask(
        _ question: AdmissionQuestion,
        _ queue: inout RequestQueue,
        on server: EdgeServer,
        from state: ServerState
    ) -> AdmissionVerdict {
        queue.ask(&admission, question, on: server, from: state)
    }

    /// Computes the times of the plan if `slots`, of batches from `index` on, ran from now on.
    mutating func tryRunning(
        _ slots: [Int],
        startingAt index: Int,
        _ queue: RequestQueue,
        on server: EdgeServer,
        from state: ServerState
    ) {
        makeTrialOutlines(queue, without: slots, from: index)
        let model = server.models[queue.plan.outlines[index].model]
        var then = state
        let lane = state.lanes.lane(readyAt: state.now)
        let slowdown = server.slowdown(busyPart: state.lanes.busyPart(at: state.now, beside: lane))
        then.lanes[lane] = state.now + model.seconds(batch: slots.count) * slowdown
        then.executing.formUnion(model.blockSet)
        trial.compute(trialOutlines, on: server, from: then)
    }

    /// Computes the times of the plan if the batch at `index` came first.
    mutating func tryPromoting(_ index: Int, _ queue: RequestQueue, on server: EdgeServer, from state: ServerState) {
        trialSources.removeAll(keepingCapacity: true)
        trialSources.append(index)
        for other in queue.plan.indices where other != index { trialSources.append(other) }
        trialOutlines.removeAll(keepingCapacity: true)
        for source in trialSources { trialOutlines.append(queue.plan.outlines[source]) }
        trial.compute(trialOutlines, on: server, from: state)
    }

    /// Whether what was tried last makes no request late that ``timeline`` does not: neither with the whole `margin` nor, of those that
    /// are late with that, with the half of it.
    func isTrialSafe(margin: Double, at now: Double) -> Bool {
        guard trial.lateRequests <= timeline.lateRequests, trial.uplinkSuffices || !timeline.uplinkSuffices else {
            return false
        }
        return [1, 1 / margin.squareRoot()].allSatisfy { part in
            trial.makesNobodyLate(of: trialOutlines, against: timeline, takingPart: part, from: now) {
                trialSources[$0]
            }
        }
    }

    /// Whether the plan has more requests late from `then` on than from `state` on. Brings ``timeline`` up to date.
    mutating func makesLate(
        _ then: ServerState,
        _ queue: RequestQueue,
        on server: EdgeServer,
        from state: ServerState
    ) -> Bool {
        trial.compute(queue.plan.outlines, on: server, from: then)
        update(queue, on: server, from: state)
        return trial.lateRequests > timeline.lateRequests
    }

    /// The plan's outlines as they would be if `slots`, of batches from `index` on, were gone.
    /// - Complexity: O(batches, and requests of the model * `slots`).
    private mutating func makeTrialOutlines(_ queue: RequestQueue, without slots: [Int], from index: Int) {
        trialOutlines.removeAll(keepingCapacity: true)
        trialSources.removeAll(keepingCapacity: true)
        let plan = queue.plan
        let model = plan.outlines[index].model
        for position in plan.indices {
            guard position >= index, plan.outlines[position].model == model, plan.batches[position].readyCount > 0
            else {
                trialOutlines.append(plan.outlines[position])
                trialSources.append(position)
                continue
            }
            let left = plan.batches[position].members.filter { !slots.contains($0) }
            guard !left.isEmpty else { continue }
            trialOutlines.append(queue.outline(of: left, model: model))
            trialSources.append(position)
        }
    }
}

/// Whether another order is worth taking over.
extension PlanEditor {
    /// By how much less time than it was granted its share for an upload may get, in seconds.
    private static let uploadTolerance = 1e-3

    /// Whether `candidate` is better than the plan: fewer requests late, or as many less late, or the last batch done a good deal earlier
    /// with as much room for newcomers; never at the uplink's cost. Brings ``timeline`` up to date.
    ///
    /// Counted, not compared request by request: of a plan that fails several, one that fails fewer is better, whichever they are.
    /// - Complexity: O(batches and their requests), and that of two timelines.
    mutating func isBetter(
        _ candidate: BatchPlan,
        than queue: RequestQueue,
        on server: EdgeServer,
        from state: ServerState
    ) -> Bool {
        update(queue, on: server, from: state)
        trial.compute(candidate.outlines, on: server, from: state)
        let (old, new) = (timeline, trial)
        guard !new.exceedsMemory, new.uplinkSuffices || !old.uplinkSuffices,
            server.shares != .constant || !hurriesUploads(candidate, queue)
        else { return false }
        if new.lateRequests != old.lateRequests { return new.lateRequests < old.lateRequests }
        let margin = max(0.02 * (old.end - state.now), 1e-4)
        let tardiness = (new: new.tardiness(of: candidate.outlines), old: old.tardiness(of: queue.plan.outlines))
        if abs(tardiness.new - tardiness.old) > margin { return tardiness.new < tardiness.old }
        return new.end < old.end - margin && new.meanRoom >= old.meanRoom - 1e-6
    }

    /// Whether a batch under upload would have to start earlier than now planned: constant shares were promised for as long.
    ///
    /// Where uploads take turns, ends follow from the order alone, and no share was promised.
    private func hurriesUploads(_ candidate: BatchPlan, _ queue: RequestQueue) -> Bool {
        var latestStarts: [Int: Double] = [:]
        for index in queue.plan.indices where queue.plan.outlines[index].uplinkWork > 0 {
            latestStarts[queue.plan.batches[index].number] = timeline.entries[index].latestStart
        }
        guard !latestStarts.isEmpty else { return false }
        return candidate.indices.contains { index in
            guard candidate.outlines[index].uplinkWork > 0 else { return false }
            let latest = trial.entries[index].latestStart + Self.uploadTolerance
            return candidate.batches[index].members.contains { slot in
                queue[slot].work > 0 && latest < latestStarts[queue[slot].batch] ?? -.infinity
            }
        }
    }
}
