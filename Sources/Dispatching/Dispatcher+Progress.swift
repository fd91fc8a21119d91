import AdmissionControl
import BandwidthAllocation
import LoadScheduling
import ServingCore

/// What is seen of uploads while they run: how far they are, how fast their devices can send, whether they stopped.
extension Dispatcher {
    /// Takes in what was seen of all uploads; fails those that cannot be in time, and moves those that hold up others.
    mutating func takeProgress(_ reports: [UploadReport], _ actions: inout [DispatchAction]) {
        settleUploads()
        learnCapacity(reports)
        var uploads: [(slot: Int, entry: RequestTable.Entry)] = []
        var slow: [Int] = []
        var hopeless: [Int] = []
        var stopped: [Int] = []
        var goingOn: [Int] = []
        for report in reports {
            guard let slot = requests.slot(of: report.id), requests[slot].phase == .uploading else { continue }
            let entry = updated(requests[slot], by: report)
            if entry.isParked, !entry.isStalled { goingOn.append(slot) }
            if !entry.isParked, entry.isStalled { stopped.append(slot) }
            if isTooSlow(entry) { slow.append(slot) } else if isBeyondUplink(entry) { hopeless.append(slot) }
            uploads.append((slot, entry))
        }
        queue.noteProgress(uploads)
        noteUse()
        uplink.reportedAt = state.now
        uplink.isDirty = true
        guard givesUpEarly else { return }
        for slot in slow where givesUp(on: slot) { fail(slot, tooSlowError(slot), &actions) }
        for slot in hopeless where givesUp(on: slot) { fail(slot, hopelessError(slot), &actions) }
        for slot in stopped { park(slot) }
        for slot in goingOn where requests[slot].isParked { comeBack(slot, &actions) }
        if !isObserving { moveLaggards(&actions) }
    }

    /// Whether the device of an upload at its latest start had stopped sending, by what was seen of it.
    func hasStopped(_ slot: Int) -> Bool {
        guard uplink.reportedAt > requests[slot].since else { return false }
        let silence = state.now - requests[slot].progressed
        return requests[slot].isStalled || silence >= 0.25 * (state.now - requests[slot].since)
    }

    /// What an upload is after a report.
    private mutating func updated(_ entry: RequestTable.Entry, by report: UploadReport) -> RequestTable.Entry {
        let bits = max(entry.wholeBits - report.receivedBytes.bits, 0)
        // Complete bodies are still parsed: something counts as left until that is reported.
        let left = max(bits, entry.wholeBits * Self.overduePart)
        let hasProgressed = report.receivedBytes.bits > entry.receivedBits
        uplink.arrived += max(report.receivedBytes.bits - entry.receivedBits, 0) / entry.efficiency
        var new = entry
        new.receivedBits = report.receivedBytes.bits
        if configuration.uplink.capacity != nil, !entry.isUnplanned { new.work = left / entry.efficiency }
        if hasProgressed || report.isHeld || bits == 0 { new.progressed = state.now }
        new.isStalled = state.now - new.progressed >= intervals.stall
        if let rate = report.linkRate {
            new.maximumShare = max(rate.rawValue, 1) / entry.efficiency
            new.uploadEnd = state.now + bits / max(rate.rawValue, 1)
        } else if configuration.uplink.capacity != nil {
            new.maximumShare = .infinity
            new.uploadEnd = -.infinity
        }
        return new
    }

    /// Whether an upload that moves cannot be over by the latest start of its batch, even with its device's best rate.
    private func isTooSlow(_ entry: RequestTable.Entry) -> Bool {
        guard !entry.isStalled, entry.uploadEnd.isFinite, entry.maximumShare.isFinite else { return false }
        let compute = costs.seconds(of: entry.model, requests: 1)
        return entry.uploadEnd > entry.deadline - compute
    }

    /// Whether not even the whole uplink could end an upload in time: what it would still send were for nothing.
    private func isBeyondUplink(_ entry: RequestTable.Entry) -> Bool {
        guard let capacity = configuration.uplink.capacity, !entry.isStalled else { return false }
        let compute = costs.seconds(of: entry.model, requests: 1)
        return state.now + entry.work / capacity.rawValue > entry.deadline - compute
    }

    private func tooSlowError(_ slot: Int) -> ServingError {
        let megabits = (requests[slot].maximumShare * requests[slot].efficiency / 1e4).rounded() / 100
        return ServingError(
            .deadlinePassed,
            "the device sends at most \(megabits) Mbit/s, with which the body cannot be there in time for the deadline"
        )
    }

    /// Finds another place for uploads that end after the latest start of the batch they share with others.
    private mutating func moveLaggards(_ actions: inout [DispatchAction]) {
        updateTimeline()
        var laggards: [Int] = []
        for index in plan.indices where plan.batches[index].members.count > 1 {
            let latest = timeline.entries[index].latestStart
            guard timeline.entries[index].finish > plan.outlines[index].deadline else { continue }
            laggards += plan.batches[index].members.filter { requests[$0].uploadEnd > latest }
        }
        for slot in laggards { replan(slot, &actions) }
    }

    /// Gives up on what is not there yet of the capacity, where uploads fall short of their shares together.
    private mutating func learnCapacity(_ reports: [UploadReport]) {
        guard configuration.learnsCapacity, uplink.reportedAt > 0 else { return }
        let span = state.now - uplink.reportedAt
        guard span > 1e-3 else { return }
        var (used, granted, short, devices) = (0.0, 0.0, 0.0, 0)
        for report in reports {
            guard let slot = requests.slot(of: report.id), requests[slot].phase == .uploading else { continue }
            let entry = requests[slot]
            used += max(report.receivedBytes.bits - entry.receivedBits, 0) / (entry.efficiency * span)
            granted += entry.share
            guard !report.isHeld, entry.share > 0, !entry.isStalled else { continue }
            short += entry.share
            devices += 1
        }
        uplink.capacity?.observe(
            used: Hertz(used),
            granted: Hertz(granted),
            shortGranted: Hertz(short),
            shortDevices: devices,
            over: Self.duration(span)
        )
        let capacity = uplink.capacity?.estimate.rawValue ?? .infinity
        costs.setUplink(Hertz(capacity * (1 - configuration.uplinkHeadroom)))
    }
}
