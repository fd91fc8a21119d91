import AdmissionControl
import LoadScheduling
import ServingCore

extension Dispatcher {
    /// A body is here: the request is ready, has the deadline that its body names, and needs nothing of what it kept for its upload.
    mutating func finishUpload(
        _ id: RequestID,
        deadline named: MonotonicInstant?,
        _ actions: inout [DispatchAction]
    ) {
        guard let slot = requests.slot(of: id), requests[slot].phase == .uploading else { return }
        let before = requests[slot]
        uplink.arrived += max(before.wholeBits - before.receivedBits, 0) / before.efficiency
        uplink.isDirty = true
        requests[slot].finishUpload(at: state.now, slack: slack)
        if let named { requests[slot].deadline = min(Self.seconds(named), state.now + 1e6) }
        if before.isParked { return comeBack(slot, &actions) }
        guard let index = plan.index(ofBatch: before.batch) else { return }
        noteReady(slot, at: index, before: before)
        if requests[slot].deadline != before.deadline { followDeadline(slot, before: before.deadline, &actions) }
    }

    /// One more request of a batch is ready; its members are looked at only if the batch waited for it, or for its deadline.
    private mutating func noteReady(_ slot: Int, at index: Int, before: RequestTable.Entry) {
        plan.batches[index].readyCount += 1
        let isTightest = min(before.planned, requests[slot].planned) <= plan.outlines[index].deadline
        if isTightest, requests[slot].planned != before.planned {
            refreshBatch(at: index)
        } else if plan.batches[index].readyCount == plan.batches[index].members.count {
            plan.outlines[index].uploadEnd = -.infinity
            plan.outlines[index].uplinkWork = 0
        } else if before.uploadEnd >= plan.outlines[index].uploadEnd {
            refreshBatch(at: index)
        } else {
            plan.outlines[index].uplinkWork = max(plan.outlines[index].uplinkWork - before.work, 0)
        }
    }

    /// The deadline of a ready request is another: it stays where it is if its batch is in time there, else finds another place.
    private mutating func followDeadline(_ slot: Int, before: Double, _ actions: inout [DispatchAction]) {
        planVersion += 1
        noteExpiry(of: requests[slot].deadline, model: requests[slot].model)
        guard configuration.policy.isPlanned else { return requeue(slot) }
        guard requests[slot].deadline < before else { return }
        settleUploadsIfOld()
        updateTimeline()
        guard let index = plan.index(ofBatch: requests[slot].batch),
            timeline.entries[index].finish > plan.outlines[index].deadline + 1e-9
        else { return }
        replan(slot, &actions)
    }

    mutating func cancel(_ id: RequestID) {
        guard let slot = requests.slot(of: id) else { return }
        switch requests[slot].phase {
        case .running:
            requests[slot].phase = .abandoned
            noteAbandoned()
        case .uploading, .ready:
            counters.cancelled += 1
            leave(slot)
        case .abandoned:
            break
        }
    }

    mutating func rejectBody(_ id: RequestID) {
        guard let slot = requests.slot(of: id), requests[slot].isWaiting else { return }
        counters.malformed += 1
        leave(slot)
    }

    /// Fails a waiting request.
    mutating func fail(_ slot: Int, _ error: ServingError, _ actions: inout [DispatchAction]) {
        counters.failed += 1
        if error.code == .deadlinePassed, requests[slot].phase == .ready { promises.noteBroken(at: state.now) }
        actions.append(.fail(requests[slot].id, explained(error, slot)))
        leave(slot)
    }

    /// Takes a waiting request out of the plan and forgets it.
    private mutating func leave(_ slot: Int) {
        removeFromPlan(slot)
        requests.remove(slot)
    }

    /// Takes a waiting request out of its batch, and the batch out of the plan where it was the last.
    mutating func removeFromPlan(_ slot: Int) {
        waitingCount -= 1
        uplink.isDirty = true
        planVersion += 1
        if requests[slot].isParked { return unpark(slot) }
        guard let index = plan.index(ofBatch: requests[slot].batch) else { return }
        plan.batches[index].members.removeAll { $0 == slot }
        if plan.batches[index].members.isEmpty {
            plan.removeBatch(at: index)
        } else {
            refreshBatch(at: index)
        }
    }

    /// Makes a batch's outline and count of ready requests follow from its members.
    mutating func refreshBatch(at index: Int) {
        let (members, model) = (plan.batches[index].members, plan.outlines[index].model)
        plan.outlines[index] = outline(of: members, model: model)
        plan.batches[index].readyCount = members.count { requests[$0].phase == .ready }
    }

    /// What the timeline sees of a batch of these requests.
    func outline(of members: some Sequence<Int>, model: Int) -> BatchOutline {
        var outline = BatchOutline(model: model, count: 0, deadline: .infinity)
        for slot in members {
            outline.count += 1
            outline.deadline = min(outline.deadline, requests[slot].planned)
            outline.uploadEnd = max(outline.uploadEnd, requests[slot].uploadEnd)
            guard !requests[slot].isStalled else { continue }
            outline.addUpload(requests[slot].work, leastWindow: leastWindow(of: requests[slot]))
        }
        return outline
    }

    /// Takes a waiting request out of the plan and puts it where its deadline can be met; fails it where it cannot.
    ///
    /// It was admitted: no rule for newcomers, neither of overload nor of the queue's length, applies to it.
    mutating func replan(_ slot: Int, _ actions: inout [DispatchAction]) {
        removeFromPlan(slot)
        place(slot, &actions)
    }

    /// Puts an admitted request that has no place into the plan; fails it where it cannot be in time.
    mutating func place(_ slot: Int, _ actions: inout [DispatchAction]) {
        var question = question(requests[slot])
        question.queuedRequests = 0
        switch decide(question) {
        case .admit(let admission):
            hold(slot, at: admission.placement)
            waitingCount += 1
            noteExpiry(of: requests[slot].deadline, model: requests[slot].model)
        case .reject where isObserving:
            _ = givesUp(on: slot)
            append(slot)
            waitingCount += 1
        case .reject(var error):
            // The codes of refusals at the head are not for requests that were admitted.
            if error.code == .deadlineUnreachable || error.code == .uplinkUnavailable { error.code = .deadlinePassed }
            counters.failed += 1
            actions.append(.fail(requests[slot].id, error))
            requests.remove(slot)
        }
    }
}

extension RequestTable.Entry {
    /// Its body is here at `now`: nothing is left to upload, and the reserve for that is given back.
    fileprivate mutating func finishUpload(at now: Double, slack whole: Double) {
        phase = .ready
        progressed = now
        (uploadEnd, work, share, isStalled) = (-.infinity, 0, 0, false)
        (slack, reserve) = (whole, 0)
    }

    /// Whether its upload uses the uplink.
    var isSending: Bool { phase == .uploading && !isStalled }
    /// When its answer is ready by the plan, at the latest.
    var planned: Double { deadline - slack }
    /// Whether it is in the plan.
    var isWaiting: Bool { phase == .uploading || phase == .ready }
}

extension Dispatcher {
    /// Fails every request that can no longer make its deadline, as soon as that is known.
    ///
    /// Known means by the mean estimates: even alone, next after what runs, with what is missing loaded first.
    /// - Complexity: O(1) until something is due, then O(planned batches * blocks of their models).
    mutating func expire(_ actions: inout [DispatchAction]) {
        guard state.now >= wake.nextExpiry || wake.isExpiryDirty else { return }
        wake.isExpiryDirty = false
        wake.nextExpiry = .infinity
        guard dropsExpired else { return }
        var hopeless: [Int] = []
        for index in plan.indices {
            let model = plan.outlines[index].model
            let earliest = earliestEnd(of: model)
            guard plan.outlines[index].deadline + slack < earliest else {
                noteExpiry(of: plan.outlines[index].deadline + slack, model: model)
                continue
            }
            for slot in plan.batches[index].members {
                if requests[slot].deadline < earliest {
                    hopeless.append(slot)
                } else {
                    noteExpiry(of: requests[slot].deadline, model: model)
                }
            }
        }
        hopeless += expiredParked()
        wake.nextExpiry = min(wake.nextExpiry, wake.parkedExpiry)
        for slot in hopeless where givesUp(on: slot) { fail(slot, hopelessError(slot), &actions) }
    }

    /// Sees to it that a waiting request with this deadline is looked at when it can no longer be done.
    mutating func noteExpiry(of deadline: Double, model: Int) {
        guard dropsExpired else { return }
        let seconds = givesUpEarly ? computeEstimates.seconds(of: model, requests: 1) : 0
        wake.nextExpiry = min(wake.nextExpiry, deadline - seconds + 1e-6)
    }

    /// A batch or load has ended: only where that was later than `expected` can others no longer be done for it.
    mutating func noteEnd(expected: Double) {
        if state.now > expected + 1e-6 { wake.isExpiryDirty = true }
    }

    /// When a request for `model` can end at the earliest; without a plan, it may always have a chance.
    private func earliestEnd(of model: Int) -> Double {
        guard givesUpEarly else { return state.now }
        return earliestStart(of: model) + computeEstimates.seconds(of: model, requests: 1)
    }

    /// When a batch of `model` can start at the earliest, by the mean estimates.
    func earliestStart(of model: Int) -> Double {
        var earliest = max(state.now, running?.likelyEnd ?? state.now)
        if !isResident(model) {
            var loaded = max(state.now, loading?.likelyEnd ?? state.now)
            for block in server.models[model].blocks where !state.resident.contains(block) {
                loaded += loadEstimates.seconds(of: block)
            }
            earliest = max(earliest, loaded)
        } else if isLoading(model) {
            earliest = max(earliest, loading?.likelyEnd ?? state.now)
        }
        return earliest
    }

    /// Why a request that is still in the plan can no longer be in time.
    func hopelessError(_ slot: Int) -> ServingError {
        guard requests[slot].phase == .uploading else {
            return ServingError(
                .deadlinePassed,
                "what ran before took longer than estimated: the deadline can no longer be met"
            )
        }
        return hasStopped(slot)
            ? ServingError(.requestTimeout, "the body stopped coming, and its batch could not start any later")
            : ServingError(.deadlinePassed, "the upload was not over in time for the deadline to be met")
    }
}
