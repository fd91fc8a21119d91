public import LoadScheduling
import ServingCore

/// Answers at the head: can this request still be done in time, given the plan, without breaking a promise?
///
/// It tries to join a batch of the same model that has not started, then to open a batch by earliest deadline or at the
/// end, and takes the first place where no request of the plan becomes late, all blocks fit, and the least
/// shares fit on the uplink. Batches that are late already do not count against a newcomer as long as it makes no more late.
/// - Complexity: O(planned batches) for each place tried, at most ``maximumJoins`` + 2 places.
public struct AdmissionController: Sendable {
    /// The most requests that may wait.
    public var maximumQueuedRequests: Int
    /// The most batches of the same model that are tried.
    public let maximumJoins = 3

    /// The timeline of the plan as it is.
    private var before = ScheduleTimeline()
    /// The timeline of the place tried last.
    private var after = ScheduleTimeline()
    private var version: Int?
    private var computedAt = -Double.infinity

    /// Seconds for which the timeline of an unchanged plan is taken to hold.
    private static let freshness = 0.5e-3

    /// Makes a controller.
    public init(maximumQueuedRequests: Int) {
        self.maximumQueuedRequests = maximumQueuedRequests
    }

    /// Decides on one arrival; `plan` holds it exactly when the verdict is `.admit`.
    ///
    /// `version` is a number that differs whenever the plan or the state was changed by anything but an admission, so that a
    /// burst of arrivals need not compute the same timeline again and again; nil for always.
    public mutating func decide(
        _ question: AdmissionQuestion,
        plan: inout [BatchOutline],
        on server: EdgeServer,
        from state: ServerState,
        version: Int? = nil
    ) -> AdmissionVerdict {
        refresh(plan, server, state, version)
        if question.queuedRequests >= maximumQueuedRequests {
            return .reject(Refusal.queueFull(question.queuedRequests, retryAfter: before.end - state.now))
        }
        if let refusal = memoryRefusal(question, server, state) { return .reject(refusal) }
        var best: Attempt?
        for placement in places(for: question, in: plan, on: server) {
            if let finish = hopelessFinish(placement, question, plan, server, state) {
                if best == nil { best = outlook(placement, finish: finish, question, server, state) }
                continue
            }
            let attempt = attempt(placement, question, &plan, server, state)
            if attempt.isAccepted {
                swap(&before, &after)
                computedAt = state.now
                return .admit(admission(attempt, question, server, state))
            }
            if attempt.finish < best?.finish ?? .infinity { best = attempt }
        }
        return .reject(refusal(best, question, state))
    }

    private mutating func refresh(_ plan: [BatchOutline], _ server: EdgeServer, _ state: ServerState, _ version: Int?) {
        let isFresh = version != nil && version == self.version && state.now - computedAt <= Self.freshness
        guard !isFresh else { return }
        before.compute(plan, on: server, from: state)
        self.version = version
        computedAt = state.now
    }
}

extension AdmissionController {
    /// When the request would end at the earliest at a place that needs no closer look, because someone would surely be late.
    ///
    /// Nothing before the place gets earlier by a newcomer, and what comes after it starts later by the newcomer's own time at
    /// least, where nothing waits for uploads that are paced.
    private func hopelessFinish(
        _ placement: Placement,
        _ question: AdmissionQuestion,
        _ plan: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState
    ) -> Double? {
        guard before.leastShareTotal == 0 else { return nil }
        let model = server.models[question.model]
        switch placement {
        case .join(let index):
            let finish = before.entries[index].finish + model.itemSeconds
            let isLate = finish > min(question.deadline, plan[index].deadline) + 1e-9
            let latest = before.entries[index].latestStart - model.itemSeconds
            let breaksPromise = before.entries[index].start > latest + 1e-9
            return isLate || (breaksPromise && before.lateRequests == 0) ? finish : nil
        case .insert(let index):
            let free = index > 0 ? before.entries[index - 1].finish : max(state.executorFree, state.now)
            let finish = max(free, question.uploadEnd) + model.seconds(batch: 1)
            let breaksPromise = index < plan.count && finish > before.entries[index].latestStart + 1e-9
            return finish > question.deadline + 1e-9 || (breaksPromise && before.lateRequests == 0) ? finish : nil
        }
    }

    /// What can be said of a place without a closer look.
    private func outlook(
        _ placement: Placement,
        finish: Double,
        _ question: AdmissionQuestion,
        _ server: EdgeServer,
        _ state: ServerState
    ) -> Attempt {
        let model = server.models[question.model]
        let load = model.blocks.reduce(0) { state.resident.contains($1) ? $0 : $0 + server.blocks[$1].loadSeconds }
        let upload = max(question.uploadEnd - state.now, 0)
        let compute = model.seconds(batch: 1)
        let wait = max(finish - state.now - upload - load - compute, 0)
        return Attempt(
            placement: placement,
            finish: finish,
            estimate: LatencyBreakdown(
                upload: .rounding(seconds: upload),
                wait: .rounding(seconds: wait),
                load: .rounding(seconds: load),
                compute: .rounding(seconds: compute)
            ),
            latestStart: question.deadline - compute,
            scale: 1
        )
    }
}

extension AdmissionController {
    /// What one place would mean.
    private struct Attempt {
        var placement: Placement
        var isAccepted = false
        var isUplinkAtFault = false
        var finish: Double
        var estimate: LatencyBreakdown
        var latestStart: Double
        var scale: Double
    }

    private mutating func attempt(
        _ placement: Placement,
        _ question: AdmissionQuestion,
        _ plan: inout [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState
    ) -> Attempt {
        let index = placement.index
        var kept: BatchOutline?
        switch placement {
        case .join:
            kept = plan[index]
            plan[index].admit(question)
        case .insert:
            plan.insert(BatchOutline(of: question), at: index)
        }
        after.compute(plan, on: server, from: state)
        let entry = after.entries[index]
        var attempt = Attempt(
            placement: placement,
            finish: entry.finish,
            estimate: estimate(at: index, question, state),
            latestStart: entry.latestStart,
            scale: after.uplinkScale
        )
        let isInTime = entry.finish <= plan[index].deadline + 1e-9 && after.lateRequests <= before.lateRequests
        let isUplinkFine = after.uplinkSuffices || (question.uplinkWork == 0 && !before.uplinkSuffices)
        attempt.isAccepted = isInTime && isUplinkFine && !after.exceedsMemory
        attempt.isUplinkAtFault = !isUplinkFine && after.lateRequestsByLoads <= before.lateRequests
        guard !attempt.isAccepted else { return attempt }
        if let kept { plan[index] = kept } else { plan.remove(at: index) }
        return attempt
    }

    private func estimate(at index: Int, _ question: AdmissionQuestion, _ state: ServerState) -> LatencyBreakdown {
        let entry = after.entries[index]
        var upload = max(question.uploadEnd - state.now, 0)
        if question.uplinkWork > 0 { upload = max(entry.latestStart - state.now, 0) / max(after.uplinkScale, 1e-9) }
        let compute = entry.finish - entry.start
        let wait = max(entry.finish - state.now - upload - entry.loadSeconds - compute, 0)
        return LatencyBreakdown(
            upload: .rounding(seconds: upload),
            wait: .rounding(seconds: wait),
            load: .rounding(seconds: entry.loadSeconds),
            compute: .rounding(seconds: compute)
        )
    }

    private func admission(
        _ attempt: Attempt,
        _ question: AdmissionQuestion,
        _ server: EdgeServer,
        _ state: ServerState
    ) -> Admission {
        var share: Hertz?
        if server.uplink.rawValue.isFinite {
            let window = max(attempt.latestStart - state.now, 1e-3)
            share = Hertz(question.uplinkWork / window * attempt.scale)
        }
        return Admission(
            placement: attempt.placement,
            estimate: attempt.estimate,
            share: share,
            latestStart: attempt.latestStart
        )
    }

    /// The places to try, the best first.
    private func places(for question: AdmissionQuestion, in plan: [BatchOutline], on server: EdgeServer) -> [Placement]
    {
        var prompt: [Placement] = []
        var delaying: [Placement] = []
        var byDeadline = plan.count
        let room = server.models[question.model].maximumBatchSize
        for (index, batch) in plan.enumerated() {
            if byDeadline == plan.count, batch.deadline > question.deadline { byDeadline = index }
            guard batch.model == question.model, batch.count < room else { continue }
            guard prompt.count + delaying.count < maximumJoins else { continue }
            if question.uploadEnd > before.entries[index].start {
                delaying.append(.join(index))
            } else {
                prompt.append(.join(index))
            }
        }
        prompt.append(contentsOf: delaying)
        prompt.append(.insert(byDeadline))
        if byDeadline < plan.count { prompt.append(.insert(plan.count)) }
        return prompt
    }

    private func memoryRefusal(
        _ question: AdmissionQuestion,
        _ server: EdgeServer,
        _ state: ServerState
    ) -> ServingError? {
        var needed = server.bytes(ofModel: question.model)
        if needed <= server.memoryBytes, !state.pinned.isEmpty {
            var together = state.pinned
            together.formUnion(server.models[question.model].blockSet)
            needed = server.bytes(of: together)
        }
        return needed > server.memoryBytes ? Refusal.memory(needed: needed, limit: server.memoryBytes) : nil
    }

    private func refusal(_ best: Attempt?, _ question: AdmissionQuestion, _ state: ServerState) -> ServingError {
        let deadline = Duration.rounding(seconds: question.deadline - state.now)
        guard let best else { return Refusal.deadline(LatencyBreakdown(), deadline: deadline) }
        if best.isUplinkAtFault {
            return Refusal.uplink(best.estimate, deadline: deadline, retryAfter: before.end - state.now)
        }
        return Refusal.deadline(best.estimate, deadline: deadline)
    }
}

extension BatchOutline {
    /// A batch of one.
    fileprivate init(of question: AdmissionQuestion) {
        self.init(
            model: question.model,
            count: 1,
            deadline: question.deadline,
            uploadEnd: question.uploadEnd,
            uplinkWork: question.uplinkWork
        )
    }

    /// Takes one more request in.
    fileprivate mutating func admit(_ question: AdmissionQuestion) {
        count += 1
        deadline = min(deadline, question.deadline)
        uploadEnd = max(uploadEnd, question.uploadEnd)
        uplinkWork += question.uplinkWork
    }
}
