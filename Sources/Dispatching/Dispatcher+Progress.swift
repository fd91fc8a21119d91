import AdmissionControl
import BandwidthAllocation
import LoadScheduling
import ServingCore

/// What is seen of uploads while they run: how far they are, how fast their devices can send, whether they stopped.
extension Dispatcher {
    /// Takes in what was seen of all uploads; fails those that cannot be in time, and moves those that hold up others.
    mutating func takeProgress(_ reports: [UploadReport], _ actions: inout [DispatchAction]) {
        uploads.settle(&queue, at: state.now)
        if uploads.learnCapacity(reports, queue, at: state.now) { publishUplink() }
        var changes: [(slot: Int, entry: RequestTable.Entry)] = []
        var slow: [Int] = []
        var hopeless: [Int] = []
        var stopped: [Int] = []
        var goingOn: [Int] = []
        for report in reports {
            guard let slot = requests.slot(of: report.id), requests[slot].phase == .uploading else { continue }
            let entry = uploads.progress(of: requests[slot], by: report, at: state.now)
            if entry.isParked, !entry.isStalled { goingOn.append(slot) }
            if !entry.isParked, entry.isStalled { stopped.append(slot) }
            let compute = costs.seconds(of: entry.model, requests: 1)
            let (whole, now) = (configuration.uplink.capacity, state.now)
            if uploads.isTooSlow(entry, compute: compute) {
                slow.append(slot)
            } else if uploads.isBeyond(whole, entry, compute: compute, at: now) {
                hopeless.append(slot)
            }
            changes.append((slot, entry))
        }
        queue.noteProgress(changes)
        queue.isUplinkCrowded = uploads.noteReported(at: state.now)
        guard givesUpEarly else { return }
        for slot in slow where givesUp(on: slot) { fail(slot, tooSlowError(slot), &actions) }
        for slot in hopeless where givesUp(on: slot) { fail(slot, hopelessError(slot), &actions) }
        for slot in stopped { park(slot) }
        for slot in goingOn where requests[slot].isParked { comeBack(slot, &actions) }
        if !isObserving { moveLaggards(&actions) }
    }

    /// Plans promise all of the uplink but its headroom.
    private mutating func publishUplink() {
        let capacity = uploads.capacity?.estimate.rawValue ?? .infinity
        costs.setUplink(Hertz(capacity * (1 - configuration.uplinkHeadroom)))
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
}
