import AdmissionControl
import LoadScheduling
import ServingCore

/// What is known of the planner thread.
struct PlanningState: Sendable {
    /// Whether the plan has changed since the planner was asked last.
    var isDirty = false
    /// The task that is out.
    var outstanding: UInt64?
    var nextNumber: UInt64 = 0
    /// When the planner was asked last, in seconds.
    var askedAt = -1e9
    /// When it is to be asked next, where that could not be done at once.
    var askAt = Double.infinity
    /// How long it rests at least, in seconds from one question to the next.
    var rest = 0.0
    /// By what factor it rests longer for plans that were not taken.
    var patience = 1.0

    /// After plans that were not taken, at most this many times as long.
    private static let mostPatience = 16.0

    /// An answer has come that took `seconds` of a processor.
    mutating func noteAnswer(after seconds: Double, isTaken: Bool, share: Double) {
        outstanding = nil
        patience = isTaken ? 1 : min(patience * 2, Self.mostPatience)
        rest = seconds / min(max(share, 1e-3), 1)
    }
}

extension Dispatcher {
    /// Asks the planner for a better order where one could be better: several models wait and not all are resident.
    mutating func requestPlanning(_ actions: inout [DispatchAction]) {
        planning.askAt = .infinity
        guard configuration.policy.isPlanned, planning.isDirty, planning.outstanding == nil, canOrderMatter else {
            return
        }
        let due = planning.askedAt + max(intervals.planning * planning.patience, planning.rest)
        guard state.now >= due else {
            planning.askAt = due
            return
        }
        planning.isDirty = false
        planning.askedAt = state.now
        planning.nextNumber += 1
        planning.outstanding = planning.nextNumber
        actions.append(.plan(planningTask(planning.nextNumber)))
    }

    private var canOrderMatter: Bool {
        guard let first = plan.outlines.first else { return false }
        // What is missing is missing for the last batches most often.
        return plan.outlines.contains { $0.model != first.model }
            && plan.outlines.reversed().contains { !isResident($0.model) }
    }

    private func planningTask(_ number: UInt64) -> PlanningTask {
        var ids: [RequestID] = []
        var problem: [SchedulingProblem.Request] = []
        for slot in plan.batches.lazy.flatMap(\.members) {
            let request = requests[slot]
            ids.append(request.id)
            problem.append(
                SchedulingProblem.Request(
                    model: request.model,
                    bits: request.work * request.efficiency,
                    efficiency: request.efficiency,
                    deadline: request.planned,
                    uploadEnd: request.uploadEnd
                )
            )
        }
        return PlanningTask(
            number: number,
            problem: SchedulingProblem(server: server, state: state, requests: problem),
            requests: ids
        )
    }

    /// Takes over a solver's order if everything it says still holds and it is better than the plan.
    mutating func adopt(_ result: PlanningResult) {
        guard result.number == planning.outstanding else { return }
        let isTaken = takeOver(result)
        let seconds = result.work?.inSeconds ?? state.now - planning.askedAt
        planning.noteAnswer(after: seconds, isTaken: isTaken, share: configuration.planningShare)
    }

    private mutating func takeOver(_ result: PlanningResult) -> Bool {
        settleUploadsIfOld()
        let candidate = plan(from: result)
        guard editor.isBetter(candidate, than: queue, on: server, from: state) else {
            counters.plansDiscarded += 1
            return false
        }
        counters.plansAdopted += 1
        queue.adopt(candidate)
        uploads.noteChange()
        wake.isExpiryDirty = true
        return true
    }

    /// The plan a result describes: its order for the requests that still wait, the others by deadline among them.
    private func plan(from result: PlanningResult) -> BatchPlan {
        var new = plan
        new.batches.removeAll(keepingCapacity: true)
        new.outlines.removeAll(keepingCapacity: true)
        var taken = Set<Int>()
        for ids in result.batches {
            let slots = ids.compactMap { requests.slot(of: $0) }
                .filter { requests[$0].isWaiting && !requests[$0].isParked && taken.insert($0).inserted }
            append(slots, to: &new)
        }
        for (index, batch) in plan.batches.enumerated() {
            let left = batch.members.filter { !taken.contains($0) }
            guard !left.isEmpty else { continue }
            let outline = queue.outline(of: left, model: plan.outlines[index].model)
            // What is only observed to be late stays behind all others.
            let earlier = isObserving ? nil : new.outlines.firstIndex { $0.deadline > outline.deadline }
            insert(left, outline, at: earlier ?? new.outlines.count, in: &new)
        }
        return new
    }

    /// Appends the requests as one batch per model, cut where a batch would be over its limit.
    private func append(_ slots: [Int], to new: inout BatchPlan) {
        var rest = slots[...]
        while let first = rest.first {
            let model = requests[first].model
            let batch = rest.prefix { requests[$0].model == model }.prefix(server.models[model].maximumBatchSize)
            rest = rest.dropFirst(batch.count)
            insert(Array(batch), queue.outline(of: batch, model: model), at: new.outlines.count, in: &new)
        }
    }

    private func insert(_ slots: [Int], _ outline: BatchOutline, at position: Int, in new: inout BatchPlan) {
        let ready = slots.count { requests[$0].phase == .ready }
        let batch = BatchPlan.Batch(number: new.makeNumber(), members: slots, readyCount: ready)
        new.batches.insert(batch, at: position)
        new.outlines.insert(outline, at: position)
    }
}
