import AdmissionControl
import LoadScheduling
import ServingCore

extension Dispatcher {
    mutating func finishUpload(_ id: RequestID) {
        guard let slot = requests.slot(of: id), requests[slot].phase == .uploading else { return }
        let (uploadEnd, work) = (requests[slot].uploadEnd, requests[slot].work)
        requests[slot].phase = .ready
        uplink.arrived += max(requests[slot].wholeBits - requests[slot].receivedBits, 0) / requests[slot].efficiency
        requests[slot].progressed = state.now
        requests[slot].uploadEnd = -.infinity
        requests[slot].work = 0
        requests[slot].share = 0
        uplink.isDirty = true
        guard let index = plan.index(ofBatch: requests[slot].batch) else { return }
        noteReady(at: index, uploadEnd: uploadEnd, work: work)
    }

    /// One more request of a batch is ready; its members are looked at only if it was the one the batch waited for.
    private mutating func noteReady(at index: Int, uploadEnd: Double, work: Double) {
        plan.batches[index].readyCount += 1
        if plan.batches[index].readyCount == plan.batches[index].members.count {
            plan.outlines[index].uploadEnd = -.infinity
            plan.outlines[index].uplinkWork = 0
        } else if uploadEnd >= plan.outlines[index].uploadEnd {
            refreshBatch(at: index)
        } else {
            plan.outlines[index].uplinkWork = max(plan.outlines[index].uplinkWork - work, 0)
        }
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
        plan.outlines[index] = outline(of: plan.batches[index].members, model: plan.outlines[index].model)
        plan.batches[index].readyCount = plan.batches[index].members.count { requests[$0].phase == .ready }
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

    /// Moves a waiting request to where its new deadline can be met; fails it where it cannot.
    mutating func tighten(_ id: RequestID, to deadline: MonotonicInstant, _ actions: inout [DispatchAction]) {
        guard let slot = requests.slot(of: id), requests[slot].isWaiting else { return }
        let seconds = Self.seconds(deadline)
        guard seconds < requests[slot].deadline else { return }
        settleUploadsIfOld()
        requests[slot].deadline = seconds
        if configuration.policy.isPlanned { replace(slot, &actions) } else { requeue(slot) }
    }

    /// Takes a waiting request out of the plan and puts it where its deadline can be met; fails it where it cannot.
    mutating func replace(_ slot: Int, _ actions: inout [DispatchAction]) {
        removeFromPlan(slot)
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
        case .reject(let error):
            counters.failed += 1
            actions.append(.fail(requests[slot].id, error))
            requests.remove(slot)
        }
    }
}

extension RequestTable.Entry {
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
