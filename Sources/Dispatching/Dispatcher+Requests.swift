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
        uploads.noteEnd(of: before)
        let deadline = named.map { min(Self.seconds($0), state.now + 1e6) }
        queue.finishUpload(slot, at: state.now, slack: slack, deadline: deadline)
        if before.isParked { return comeBack(slot, &actions) }
        if requests[slot].deadline != before.deadline { followDeadline(slot, before: before.deadline, &actions) }
    }

    /// The deadline of a ready request is another: it stays where it is if its batch is in time there, else finds another place.
    private mutating func followDeadline(_ slot: Int, before: Double, _ actions: inout [DispatchAction]) {
        noteExpiry(of: requests[slot].deadline, model: requests[slot].model)
        guard configuration.policy.isPlanned else {
            if configuration.policy == .edf { queue.reorder(batchOf: slot) }
            return
        }
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
            queue.abandon(slot)
            noteAbandoned(slot)
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
        if error.code == .deadlinePassed, requests[slot].phase == .ready { shedder.notePromiseBroken(at: state.now) }
        actions.append(.fail(requests[slot].id, explained(error, slot)))
        leave(slot)
    }

    /// Takes a waiting request out of the plan and forgets it.
    private mutating func leave(_ slot: Int) {
        removeFromPlan(slot)
        queue.forget(slot)
    }

    /// Takes a waiting request out of the plan.
    mutating func removeFromPlan(_ slot: Int) {
        uploads.noteChange()
        queue.takeOut(slot)
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
            queue.enter(slot, at: admission.placement)
            noteExpiry(of: requests[slot].deadline, model: requests[slot].model)
        case .reject where isObserving:
            _ = givesUp(on: slot)
            queue.append(slot)
        case .reject(var error):
            // The codes of refusals at the head are not for requests that were admitted.
            if error.code == .deadlineUnreachable || error.code == .uplinkUnavailable { error.code = .deadlinePassed }
            counters.failed += 1
            actions.append(.fail(requests[slot].id, error))
            queue.forget(slot)
        }
    }
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
        let seconds = givesUpEarly ? costs.seconds(of: model, requests: 1) : 0
        wake.nextExpiry = min(wake.nextExpiry, deadline - seconds + 1e-6)
    }

    /// A batch or load has ended: only where that was later than `expected` can others no longer be done for it.
    mutating func noteEnd(expected: Double) {
        if state.now > expected + 1e-6 { wake.isExpiryDirty = true }
    }

    /// When a request for `model` can end at the earliest; without a plan, it may always have a chance.
    private func earliestEnd(of model: Int) -> Double {
        guard givesUpEarly else { return state.now }
        return earliestStart(of: model) + costs.seconds(of: model, requests: 1)
    }

    /// When a batch of `model` can start at the earliest, by the mean estimates.
    func earliestStart(of model: Int) -> Double {
        var earliest = accelerator.likelyLaneFree
        if !isResident(model) {
            var loaded = accelerator.likelyLoaderFree
            for block in server.models[model].blocks where !state.resident.contains(block) {
                loaded += costs.loads.seconds(of: block)
            }
            earliest = max(earliest, loaded)
        } else if accelerator.isLoading(server.models[model]) {
            earliest = max(earliest, accelerator.likelyLoaderFree)
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
        return uploads.hasStopped(requests[slot], at: state.now)
            ? ServingError(.requestTimeout, "the body stopped coming, and its batch could not start any later")
            : ServingError(.deadlinePassed, "the upload was not over in time for the deadline to be met")
    }
}
