public import LoadScheduling
import ServingCore

/// Answers at the head: can this request still be done in time, given the plan, without breaking a promise? If not, what is in the
/// way, and which deadline would do?
///
/// It tries to join a batch of the same model that has not started, then to open a batch by earliest deadline or at the
/// end, and takes the first place where no request of the plan becomes late, all blocks fit, and the least
/// shares fit on the uplink. Batches that are late already do not count against a newcomer, but it must be in time itself and make
/// no other late; and as plans are made with a margin, none may become late that is in time with the half of it.
/// - Complexity: a place that surely cannot do is passed over in O(1) where it is time that lacks, and in O(batches it hurries)
///   where it is the uplink. One that may do is tried: a join costs O(planned batches), as it changes no load unless batches now
///   end at other sides of loads; a batch of its own costs O(planned batches), and the blocks of those batches that load or
///   evict others than before. At most ``maximumJoins`` + 2 places are tried; to name the earliest deadline of a refusal, as
///   many again. A plan that is not known from the last question costs O(blocks of all planned batches) before.
public struct AdmissionController: Sendable {
    /// The most requests that may wait.
    public var maximumQueuedRequests: Int
    /// The most batches of the same model that are tried.
    public let maximumJoins = 3
    /// The most places between planned deadlines that are looked at closely to name a later deadline.
    public var maximumLaterPlaces = 2
    /// Whether a refusal names the earliest deadline that would do, which costs about as much as the decision.
    public var namesEarliestDeadline = true

    /// The timeline of the plan as it is, as of the last question or ``update(_:on:from:version:)``.
    public internal(set) var before = ScheduleTimeline()
    /// The timeline of the place tried last.
    var after = ScheduleTimeline()
    /// What the uplink must carry at least with a newcomer.
    var floor = UplinkFloor()
    /// The least factor the uplink had to have to spare for the last deadline that was named; where to look first for the next.
    var scaleThatDid: Double?
    private var version: Int?
    private var computedAt = -Double.infinity

    /// Seconds for which the timeline of an unchanged plan is taken to hold.
    private static let freshness = 0.5e-3

    /// Makes a controller.
    public init(maximumQueuedRequests: Int) {
        self.maximumQueuedRequests = maximumQueuedRequests
    }

    /// How many elements it keeps from one question to the next.
    public var recordedCount: Int { before.recordedCount + after.recordedCount }

    /// Decides on one arrival; `plan` holds it exactly when the verdict is `.admit`.
    ///
    /// `version` is a number that differs whenever the plan, the server or the state was changed by anything but an admission, the
    /// passing of time or the progress of uploads, so that a burst of arrivals need not compute the same timeline again and again;
    /// nil for always. What time and uploads change only makes the plan easier, and is seen half a millisecond later at most.
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
        before.prepare(forBatchOf: question.model, trial: &after)
        var best: Attempt?
        for placement in places(for: question, in: plan, on: server) {
            if let hopelessness = hopelessness(placement, question, plan, server, state) {
                if best == nil { best = outlook(placement, hopelessness, question, plan, server, state) }
                continue
            }
            let attempt = attempt(placement, question, &plan, server, state)
            if attempt.isAccepted {
                let admission = admission(attempt, question, server, state)
                swap(&before, &after)
                before.settle()
                prepareFloor(plan, server, state)
                computedAt = state.now
                return .admit(admission)
            }
            if attempt.finish < best?.finish ?? .infinity { best = attempt }
        }
        return .reject(refusal(best, question, &plan, server, state))
    }

    /// Brings ``before`` up to date with `plan`, which may have changed in any way; the next question goes on from there.
    /// - Complexity: O(batches) where only times have changed, else O(parts of all planned batches).
    public mutating func update(
        _ plan: [BatchOutline],
        on server: EdgeServer,
        from state: ServerState,
        version: Int?
    ) {
        before.compute(plan, on: server, from: state)
        before.settle()
        prepareFloor(plan, server, state)
        self.version = version
        computedAt = state.now
    }

    private mutating func refresh(_ plan: [BatchOutline], _ server: EdgeServer, _ state: ServerState, _ version: Int?) {
        let isSame = version != nil && version == self.version
        guard !isSame || state.now - computedAt > Self.freshness else { return }
        if isSame {
            before.recompute(plan, on: server, from: state)
        } else {
            before.compute(plan, on: server, from: state)
        }
        before.settle()
        prepareFloor(plan, server, state)
        self.version = version
        computedAt = state.now
    }

    private mutating func prepareFloor(_ plan: [BatchOutline], _ server: EdgeServer, _ state: ServerState) {
        guard server.uplink.rawValue.isFinite, server.shares == .constant else { return }
        floor.prepare(plan, server, state)
    }
}

extension AdmissionController {
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
            latestStart: attempt.latestStart,
            addedSeconds: after.end - before.end,
            addedBytes: after.loadedBytes - before.loadedBytes
        )
    }

    private func memoryRefusal(
        _ question: AdmissionQuestion,
        _ server: EdgeServer,
        _ state: ServerState
    ) -> ServingError? {
        var needed = server.bytes(ofModel: question.model)
        if needed <= server.memoryBytes, !state.pinned.isEmpty || !question.claimed.isEmpty {
            var together = state.pinned
            together.formUnion(question.claimed)
            together.formUnion(server.models[question.model].blockSet)
            needed = server.bytes(of: together)
        }
        return needed > server.memoryBytes ? Refusal.memory(needed: needed, limit: server.memoryBytes) : nil
    }

    private mutating func refusal(
        _ best: Attempt?,
        _ question: AdmissionQuestion,
        _ plan: inout [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState
    ) -> ServingError {
        let end = before.end
        let earliest = namesEarliestDeadline ? earliestDeadline(for: question, &plan, server, state) : nil
        let refusal = Refusal(
            estimate: best?.estimate ?? LatencyBreakdown(),
            deadline: .rounding(seconds: question.deadline + question.slack - state.now),
            earliest: earliest.map { .rounding(seconds: $0 + question.slack - state.now) + .microseconds(1) }
        )
        return best?.isUplinkAtFault == true ? refusal.ofUplink(retryAfter: end - state.now) : refusal.ofDeadline
    }
}
