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
        let entry = after.entries[placement.index]
        let finish = finish(at: placement.index, question, state)
        var attempt = Attempt(
            placement: placement,
            isAccepted: isAccepted(question, plan, state),
            finish: finish,
            estimate: estimate(at: placement.index, endingAt: finish, question, state),
            latestStart: entry.latestStart,
            scale: after.uplinkScale
        )
        attempt.isUplinkAtFault = !isUplinkFine(question) && after.lateRequestsByLoads <= before.lateRequests
        if !attempt.isAccepted { takeBack(placement, kept, &plan) }
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

    /// Computes ``after`` for a plan that differs from that of ``before`` by one placement.
    mutating func compute(
        _ placement: Placement,
        _ plan: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState,
        delays: ScheduleTimeline.Delays
    ) {
        var inserted: Int?
        if case .insert(let index) = placement { inserted = index }
        after.compute(plan, after: before, inserting: inserted, on: server, from: state, delays: delays)
    }

    /// Whether what ``after`` says breaks no promise, the newcomer's own among them.
    func isAccepted(_ question: AdmissionQuestion, _ plan: [BatchOutline], _ state: ServerState) -> Bool {
        let isMoreLate = after.lateRequests > before.lateRequests
        guard !isMoreLate, isUplinkFine(question), !after.exceedsMemory else { return false }
        let late = after.lateRequests(of: plan, takingPart: question.partOfTime, from: state.now)
        return late <= lateWithHalfTheMargin
    }

    private func isUplinkFine(_ question: AdmissionQuestion) -> Bool {
        after.uplinkSuffices || (question.uplinkWork == 0 && !before.uplinkSuffices)
    }

    /// When the newcomer ends at the earliest; where the uplink does not suffice, no earlier than its own upload allows.
    private func finish(at index: Int, _ question: AdmissionQuestion, _ state: ServerState) -> Double {
        let entry = after.entries[index]
        guard question.uplinkWork > 0, !after.uplinkSuffices else { return entry.finish }
        return max(entry.finish, state.now + upload(at: index, question, state) + entry.finish - entry.start)
    }

    private func upload(at index: Int, _ question: AdmissionQuestion, _ state: ServerState) -> Double {
        guard question.uplinkWork > 0 else { return max(question.uploadEnd - state.now, 0) }
        return max(after.entries[index].latestStart - state.now, 0) / max(after.uplinkScale, 1e-9)
    }

    private func estimate(
        at index: Int,
        endingAt finish: Double,
        _ question: AdmissionQuestion,
        _ state: ServerState
    ) -> LatencyBreakdown {
        let entry = after.entries[index]
        let upload = upload(at: index, question, state)
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
