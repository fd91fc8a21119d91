import AdmissionControl
import LoadScheduling
import ServingCore

extension Dispatcher {
    /// Answers an arrival with exactly one `admit` or `reject`.
    mutating func arrive(_ arrival: Arrival, _ actions: inout [DispatchAction]) {
        counters.received += 1
        switch verdict(on: arrival) {
        case .success(let admitted):
            counters.admitted += 1
            actions.append(.admit(arrival.id, admitted))
        case .failure(let error):
            counters.rejected[error.code, default: 0] += 1
            actions.append(.reject(arrival.id, error))
        }
    }

    private mutating func verdict(on arrival: Arrival) -> Result<Grant, ServingError> {
        guard !isDraining else { return .failure(ServingError(.draining, "the gateway is shutting down")) }
        guard let model = catalog.index(of: arrival.model) else {
            return .failure(ServingError(.unknownModel, "there is no model \(arrival.model)"))
        }
        guard requests.slot(of: arrival.id) == nil else {
            return .failure(ServingError(.internalError, "request \(arrival.id) is here already"))
        }
        if let refusal = overrunRefusal { return .failure(refusal) }
        settleUploadsIfOld()
        publishEstimates()
        var entry = entry(for: arrival, model: model)
        if let refusal = overloadRefusal(of: entry) { return .failure(refusal) }
        switch configuration.policy.isPlanned ? ask(entry) : enqueue(entry) {
        case .admit(let admission):
            shedder.noteAdmission(at: state.now)
            return .success(grant(admission, to: &entry))
        case .reject(var error):
            noteRefusal(error, of: entry)
            if let grant = takeInAnyway(error, &entry) { return .success(grant) }
            if error.code == .uplinkUnavailable { error.uplinkQuota = uplinkQuota(for: entry) }
            return .failure(error)
        }
    }

    private func entry(for arrival: Arrival, model: Int) -> RequestTable.Entry {
        let bits = max(arrival.bodyBytes.bits, 0)
        let efficiency = efficiency(of: arrival)
        let isPaced = configuration.uplink.capacity != nil
        let work = isPaced ? bits / efficiency : 0
        let deadline = min(Self.seconds(arrival.deadline), state.now + 1e6)
        // Without a plan nothing is planned to end early.
        let reserve = work > 0 && configuration.policy.isPlanned ? uploadReserve(before: deadline) : 0
        return RequestTable.Entry(
            id: arrival.id,
            model: model,
            phase: .uploading,
            batch: -1,
            deadline: deadline,
            slack: slack + reserve,
            reserve: reserve,
            uploadEnd: uploadEnd(bits: bits, linkRate: arrival.linkRate),
            since: state.now,
            work: work,
            wholeWork: work,
            share: 0,
            efficiency: efficiency,
            maximumShare: arrival.linkRate.map { max($0.rawValue, 1) / efficiency } ?? .infinity,
            wholeBits: bits,
            progressed: state.now
        )
    }

    /// How much earlier than it must a paced upload is planned to end: links are not as even as plans.
    private func uploadReserve(before deadline: Double) -> Double {
        let window = max(deadline - slack - state.now, 0)
        return min(intervals.uploadReserve, configuration.uploadReservePart * window)
    }

    private func efficiency(of arrival: Arrival) -> Double {
        guard case .bandwidth(_, let configured) = configuration.uplink else { return 1 }
        let told = arrival.spectralEfficiency?.rawValue ?? configured.rawValue
        return told.isFinite && told > 0 ? told : max(configured.rawValue, 1e-6)
    }

    /// When an upload ends at the earliest by its device's own link; a paced one has no such bound where the link is not known.
    func uploadEnd(bits: Double, linkRate: BitsPerSecond?) -> Double {
        var rate = linkRate
        if rate == nil, case .unpaced(let assumed) = configuration.uplink { rate = assumed }
        return rate.map { state.now + bits / max($0.rawValue, 1) } ?? -.infinity
    }

    /// Asks admission, a second time where it was an estimate gone stale that refused.
    private mutating func ask(_ entry: RequestTable.Entry) -> AdmissionVerdict {
        var question = question(entry)
        question.joinsOnly = isCrowdedOut(entry)
        let verdict = decide(question)
        guard case .reject(let error) = verdict, error.code == .deadlineUnreachable, isTooLateAlone(entry),
            relaxIfStale(entry.model)
        else { return verdict }
        return decide(question)
    }

    mutating func decide(_ question: AdmissionQuestion) -> AdmissionVerdict {
        editor.ask(question, &queue, on: server, from: state)
    }

    func question(_ entry: RequestTable.Entry) -> AdmissionQuestion {
        var question = AdmissionQuestion(
            model: entry.model,
            deadline: entry.planned,
            slack: entry.slack,
            uploadEnd: entry.uploadEnd,
            uplinkWork: entry.work,
            leastWindow: queue.leastWindow(of: entry),
            queuedRequests: queue.waitingCount,
            margin: costs.margin(caution: caution)
        )
        question.claimed = pins.claimed
        return question
    }

    private mutating func grant(_ admission: Admission, to entry: inout RequestTable.Entry) -> Grant {
        entry.share = admission.share?.rawValue ?? 0
        _ = queue.enter(entry, at: admission.placement)
        noteExpiry(of: entry.deadline, model: entry.model)
        planning.isDirty = true
        uploads.noteChange()
        let rate = admission.share?.rate(at: SpectralEfficiency(rawValue: entry.efficiency))
        guard !isObserving else {
            let observed = ObservedDecision(rate: rate)
            return Grant(rate: nil, share: nil, estimate: admission.estimate, observed: observed)
        }
        return Grant(rate: rate, share: admission.share, estimate: admission.estimate)
    }

    /// Makes the grant of a request that was just admitted the share it begins with: shares were solved anew with it.
    mutating func settleGrant(of id: RequestID, _ actions: inout [DispatchAction]) {
        guard let slot = requests.slot(of: id), requests[slot].rateRevision > 0 else { return }
        var settled: (rate: BitsPerSecond?, index: Int)?
        for index in actions.indices {
            if case .setUploadRate(id, let rate, _) = actions[index] { settled = (rate, index) }
        }
        guard let settled else { return }
        for index in actions.indices {
            guard case .admit(id, var grant) = actions[index] else { continue }
            (grant.rate, grant.share) = (settled.rate, Hertz(requests[slot].share))
            actions[index] = .admit(id, grant)
            actions.remove(at: settled.index)
            return
        }
    }
}
