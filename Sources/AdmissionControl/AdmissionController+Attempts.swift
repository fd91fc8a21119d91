import LoadScheduling
import ServingCore

extension AdmissionController {
    /// What one place would mean.
    struct Attempt {
        var placement: Placement
        var isAccepted = false
        var isUplinkAtFault = false
        var finish: Double
        var estimate: LatencyBreakdown
        var latestStart: Double
        var scale: Double
    }

    /// Tries a place; the plan holds the request afterwards exactly where it is accepted.
    mutating func attempt(
        _ placement: Placement,
        _ question: AdmissionQuestion,
        _ plan: inout [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState
    ) -> Attempt {
        let kept = place(question, at: placement, in: &plan)
        // Where the newcomer's own upload does not fit on the uplink, what that delays need not be known.
        compute(placement, plan, server, state, delays: question.uplinkWork > 0 ? .ifUplinkSuffices : .always)
        let isAccepted = isAccepted(question, at: placement, plan, state)
        if !isAccepted { takeBack(placement, kept, &plan) }
        let entry = after.entries[placement.index]
        let upload = upload(placement, question, plan, server, state)
        let finish = finish(at: placement.index, uploading: upload, question, state)
        var attempt = Attempt(
            placement: placement,
            isAccepted: isAccepted,
            finish: finish,
            estimate: estimate(at: placement.index, uploading: upload, endingAt: finish, state),
            latestStart: entry.latestStart,
            scale: after.uplinkScale
        )
        attempt.isUplinkAtFault = !isUplinkFine(question) && after.lateRequestsByLoads <= before.lateRequests
        return attempt
    }

    /// Puts a request into the plan; returns the batch it joins as it was.
    func place(_ question: AdmissionQuestion, at placement: Placement, in plan: inout [BatchOutline]) -> BatchOutline? {
        switch placement {
        case .join(let index):
            let kept = plan[index]
            plan[index].admit(question)
            return kept
        case .insert(let index):
            plan.insert(BatchOutline(of: question), at: index)
            return nil
        }
    }

    /// Undoes ``place(_:at:in:)``.
    func takeBack(_ placement: Placement, _ kept: BatchOutline?, _ plan: inout [BatchOutline]) {
        if let kept { plan[placement.index] = kept } else { plan.remove(at: placement.index) }
    }

    /// Computes ``after`` for a plan that differs from that of ``before`` by one placement, as far as it makes no more late.
    mutating func compute(
        _ placement: Placement,
        _ plan: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState,
        delays: ScheduleTimeline.Delays
    ) {
        var inserted: Int?
        if case .insert(let index) = placement { inserted = index }
        after.compute(
            plan,
            after: before,
            inserting: inserted,
            on: server,
            from: state,
            delays: delays,
            upTo: limit(at: placement.index)
        )
    }

    /// With more requests late a place is refused, whatever else is true of it.
    func limit(at index: Int) -> ScheduleTimeline.LatenessLimit {
        ScheduleTimeline.LatenessLimit(requests: before.lateRequests, index: index)
    }

    /// Whether what ``after`` says breaks no promise, the newcomer's own among them.
    /// - Complexity: O(1) where everybody is in time, else O(batches).
    func isAccepted(
        _ question: AdmissionQuestion,
        at placement: Placement,
        _ plan: [BatchOutline],
        _ state: ServerState
    ) -> Bool {
        // A batch that fits nowhere already is not the newcomer's doing, whose own memory was asked for before.
        guard isUplinkFine(question), !after.exceedsMemory || before.exceedsMemory else { return false }
        guard after.lateRequests > 0 else { return true }
        guard after.lateRequests <= before.lateRequests else { return false }
        return [1, question.partOfTime].allSatisfy { part in
            after.makesNobodyLate(of: plan, against: before, takingPart: part, from: state.now) {
                placement.source(ofBatch: $0)
            }
        }
    }

    private func isUplinkFine(_ question: AdmissionQuestion) -> Bool {
        after.uplinkSuffices || (question.uplinkWork == 0 && !before.uplinkSuffices)
    }

    /// When the newcomer ends at the earliest; where the uplink does not suffice, no earlier than its own upload allows.
    private func finish(
        at index: Int,
        uploading upload: Double,
        _ question: AdmissionQuestion,
        _ state: ServerState
    ) -> Double {
        let entry = after.entries[index]
        guard question.uplinkWork > 0, !after.uplinkSuffices || !after.hasShares else { return entry.finish }
        return max(entry.finish, state.now + upload + entry.finish - entry.start)
    }

    /// Seconds the newcomer's upload takes: with its share where that was found, else at least.
    private func upload(
        _ placement: Placement,
        _ question: AdmissionQuestion,
        _ plan: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState
    ) -> Double {
        guard question.uplinkWork > 0 else { return max(question.uploadEnd - state.now, 0) }
        guard after.hasShares else { return min(uploadSeconds(placement, question, plan, server, state), 1e6) }
        return max(after.entries[placement.index].latestStart - state.now, 0) / max(after.uplinkScale, 1e-9)
    }

    private func estimate(
        at index: Int,
        uploading upload: Double,
        endingAt finish: Double,
        _ state: ServerState
    ) -> LatencyBreakdown {
        let entry = after.entries[index]
        let compute = entry.finish - entry.start
        let wait = max(finish - state.now - upload - entry.loadSeconds - compute, 0)
        return LatencyBreakdown(
            upload: .rounding(seconds: upload),
            wait: .rounding(seconds: wait),
            load: .rounding(seconds: entry.loadSeconds),
            compute: .rounding(seconds: compute)
        )
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
            uplinkWork: question.uplinkWork,
            leastWindow: question.leastWindow
        )
    }

    /// Takes one more request in.
    fileprivate mutating func admit(_ question: AdmissionQuestion) {
        count += 1
        deadline = min(deadline, question.deadline)
        uploadEnd = max(uploadEnd, question.uploadEnd)
        addUpload(question.uplinkWork, leastWindow: question.leastWindow)
    }
}
