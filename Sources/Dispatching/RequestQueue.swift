import AdmissionControl
import LoadScheduling
import ServingCore

/// Every admitted request that has not ended, the ordered batches of those that wait, and the outlines that plans read of them.
///
/// It is their only writer, so that after each call each outline follows from the members of its batch, each waiting request is in
/// exactly one batch or parked, no batch is empty, and batches keep their numbers whatever becomes of the order.
struct RequestQueue: Sendable {
    private(set) var requests = RequestTable()
    private(set) var plan = BatchPlan()
    /// The slots of the requests that wait outside the plan, as their devices send nothing.
    private(set) var parked: [Int] = []
    /// How many requests wait, in the plan or outside.
    private(set) var waitingCount = 0
    /// Differs whenever plan, server or state were changed by anything but an admission, the passing of time, and uploads that get
    /// on or end: what admission knows of an older version is on the safe side in these.
    private(set) var version = 0
    /// Whether the uplink counts as full; outlines follow from it when they are made next.
    var isUplinkCrowded = true

    subscript(slot: Int) -> RequestTable.Entry { _read { yield requests[slot] } }

    /// Server or state were changed: what plans were made of does not hold any more.
    mutating func noteMachineChange() { version += 1 }

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

    /// Seconds an upload is not asked to end within, however near its latest start is.
    ///
    /// No device is faster than its link. Where the uplink is not full, an upload that uses up its reserve lacks no share, and keeps
    /// no other request out. Where it is full, a newcomer would make the upload later.
    func leastWindow(of entry: RequestTable.Entry) -> Double {
        let byLink = entry.work / entry.maximumShare
        return isUplinkCrowded ? byLink : max(byLink, entry.reserve)
    }

    /// The members of a batch that have their body here.
    func readyMembers(of index: Int) -> [Int] { plan.batches[index].members.filter { requests[$0].phase == .ready } }

    /// The slots of all that wait for `model`.
    func waiting(for model: Int) -> [Int] {
        let planned = plan.indices.filter { plan.outlines[$0].model == model }.flatMap { plan.batches[$0].members }
        return planned + parked.filter { requests[$0].model == model }
    }

    /// Whether a batch of `model` waits that holds fewer requests than there is `room` for.
    func hasRoom(for model: Int, room: Int) -> Bool { plan.outlines.contains { $0.model == model && $0.count < room } }

    /// The models that requests wait for.
    var waitingModels: Set<Int> { Set(plan.outlines.map(\.model) + parked.map { requests[$0].model }) }

    /// Makes a batch's outline and count of ready requests follow from its members.
    private mutating func refreshBatch(at index: Int) {
        plan.outlines[index] = outline(of: plan.batches[index].members, model: plan.outlines[index].model)
        plan.batches[index].readyCount = plan.batches[index].members.count { requests[$0].phase == .ready }
    }
}

/// Requests come in.
extension RequestQueue {
    /// Asks admission for a place; where it finds one, the outlines hold the request, and it must be entered there next.
    mutating func ask(
        _ admission: inout AdmissionController,
        _ question: AdmissionQuestion,
        on server: EdgeServer,
        from state: ServerState
    ) -> AdmissionVerdict {
        admission.decide(question, plan: &plan.outlines, on: server, from: state, version: version)
    }

    /// A place in the youngest batch of its model that has `room`, else in a new one: `byDeadline` or at the end. The outlines hold
    /// the request, and it must be entered there next.
    mutating func makePlace(for entry: RequestTable.Entry, room: Int, byDeadline: Bool) -> Placement {
        if let index = plan.outlines.lastIndex(where: { $0.model == entry.model && $0.count < room }) {
            plan.outlines[index].count += 1
            plan.outlines[index].deadline = min(plan.outlines[index].deadline, entry.planned)
            plan.outlines[index].uploadEnd = max(plan.outlines[index].uploadEnd, entry.uploadEnd)
            plan.outlines[index].addUpload(entry.work, leastWindow: leastWindow(of: entry))
            return .join(byDeadline ? moveByDeadline(index) : index)
        }
        var outline = BatchOutline(model: entry.model, count: 1, deadline: entry.planned, uploadEnd: entry.uploadEnd)
        outline.addUpload(entry.work, leastWindow: leastWindow(of: entry))
        let earlier = byDeadline ? plan.outlines.firstIndex { $0.deadline > outline.deadline } : nil
        plan.outlines.insert(outline, at: earlier ?? plan.outlines.count)
        return .insert(earlier ?? plan.outlines.count - 1)
    }

    /// Takes in a request at the place that was found for it; gives its slot.
    mutating func enter(_ entry: RequestTable.Entry, at placement: Placement) -> Int {
        let slot = requests.insert(entry)
        enter(slot, at: placement)
        return slot
    }

    /// The same for a request that was here before and was taken out.
    mutating func enter(_ slot: Int, at placement: Placement) {
        let isReady = requests[slot].phase == .ready
        switch placement {
        case .join(let index):
            plan.batches[index].members.append(slot)
            plan.batches[index].readyCount += isReady ? 1 : 0
        case .insert(let index):
            let number = plan.makeNumber()
            let batch = BatchPlan.Batch(number: number, members: [slot], readyCount: isReady ? 1 : 0)
            plan.batches.insert(batch, at: index)
        }
        requests[slot].batch = plan.batches[placement.index].number
        waitingCount += 1
    }

    /// Takes in a request behind all others, whatever becomes of it; gives its slot.
    mutating func append(_ entry: RequestTable.Entry) -> Int {
        let slot = requests.insert(entry)
        append(slot)
        return slot
    }

    /// The same for a request that was here before and was taken out.
    mutating func append(_ slot: Int) {
        plan.outlines.append(outline(of: [slot], model: requests[slot].model))
        enter(slot, at: .insert(plan.batches.count))
        version += 1
    }
}

/// Requests change.
extension RequestQueue {
    /// A body is here at `now`: nothing is left to upload, `slack` is all that is kept free, and the deadline may be another.
    mutating func finishUpload(_ slot: Int, at now: Double, slack: Double, deadline: Double?) {
        let before = requests[slot]
        requests[slot].finishUpload(at: now, slack: slack)
        if let deadline { requests[slot].deadline = deadline }
        guard !before.isParked, let index = plan.index(ofBatch: before.batch) else { return }
        noteReady(slot, at: index, before: before)
        if requests[slot].deadline != before.deadline { version += 1 }
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

    /// What was seen of uploads: each entry is what the one in its slot is now.
    mutating func noteProgress(_ uploads: [(slot: Int, entry: RequestTable.Entry)]) {
        var touched: Set<Int> = []
        for (slot, entry) in uploads {
            requests[slot] = entry
            touched.insert(entry.batch)
        }
        for index in plan.indices where touched.contains(plan.batches[index].number) { refreshBatch(at: index) }
        version += 1
    }

    /// Takes off what each upload has sent at its share since `last`; one that should be over still needs `overduePart` of all.
    mutating func settleUploads(since last: Double, at now: Double, overduePart: Double) {
        for index in plan.indices where plan.outlines[index].uplinkWork > 0 {
            (plan.outlines[index].uplinkWork, plan.outlines[index].leastWindow) = (0, 0)
            for slot in plan.batches[index].members where requests[slot].isSending {
                let elapsed = now - max(last, requests[slot].since)
                let left = requests[slot].work - requests[slot].share * elapsed
                requests[slot].work = left > 0 ? left : requests[slot].wholeWork * overduePart
                plan.outlines[index].addUpload(requests[slot].work, leastWindow: leastWindow(of: requests[slot]))
            }
        }
    }

    /// Gives an upload another share of the uplink.
    mutating func setShare(_ share: Double, of slot: Int) { requests[slot].share = share }

    /// The number of one more rate that an upload is told.
    mutating func nextRateRevision(of slot: Int) -> Int {
        requests[slot].rateRevision += 1
        return requests[slot].rateRevision
    }

    /// A parked upload is expected to end then.
    mutating func setUploadEnd(_ end: Double, ofParked slot: Int) { requests[slot].uploadEnd = end }

    /// Nothing is planned by this request any more.
    mutating func markUnplanned(_ slot: Int) { requests[slot].isUnplanned = true }

    /// The client of a running request is gone.
    mutating func abandon(_ slot: Int) { requests[slot].phase = .abandoned }
}

/// Batches change.
extension RequestQueue {
    /// Takes requests of `model` that start to run out of their batches.
    mutating func start(_ slots: [Int], model: Int) {
        for slot in slots { requests[slot].phase = .running }
        version += 1
        for index in plan.indices.reversed()
        where plan.outlines[index].model == model && plan.batches[index].readyCount > 0 {
            let count = plan.batches[index].members.count
            plan.batches[index].members.removeAll { requests[$0].phase == .running }
            waitingCount -= count - plan.batches[index].members.count
            if plan.batches[index].members.isEmpty {
                plan.removeBatch(at: index)
            } else if plan.batches[index].members.count < count {
                refreshBatch(at: index)
            }
        }
    }

    /// Takes a waiting request out of its batch, and the batch out of the plan where it was the last.
    mutating func takeOut(_ slot: Int) {
        waitingCount -= 1
        version += 1
        if requests[slot].isParked {
            requests[slot].isParked = false
            parked.removeAll { $0 == slot }
            return
        }
        guard let index = plan.index(ofBatch: requests[slot].batch) else { return }
        plan.batches[index].members.removeAll { $0 == slot }
        if plan.batches[index].members.isEmpty {
            plan.removeBatch(at: index)
        } else {
            refreshBatch(at: index)
        }
    }

    /// Lets a waiting request wait outside the plan.
    mutating func park(_ slot: Int) {
        takeOut(slot)
        waitingCount += 1
        requests[slot].isParked = true
        requests[slot].batch = -1
        parked.append(slot)
    }

    /// Forgets a request that is in no batch any more.
    mutating func forget(_ slot: Int) { requests.remove(slot) }

    /// Puts the batch at `index` first.
    mutating func promote(_ index: Int) {
        plan.move(index, to: 0)
        version += 1
    }

    /// Takes over another order of the same requests.
    mutating func adopt(_ new: BatchPlan) {
        plan = new
        version += 1
        for batch in plan.batches {
            for slot in batch.members { requests[slot].batch = batch.number }
        }
    }

    /// Puts a request's batch where its deadline belongs now.
    mutating func reorder(batchOf slot: Int) {
        guard let index = plan.index(ofBatch: requests[slot].batch) else { return }
        _ = moveByDeadline(index)
    }

    private mutating func moveByDeadline(_ index: Int) -> Int {
        let deadline = plan.outlines[index].deadline
        let isEarly = index > 0 && plan.outlines[index - 1].deadline > deadline
        let isLate = index + 1 < plan.outlines.count && plan.outlines[index + 1].deadline < deadline
        guard isEarly || isLate else { return index }
        let later = plan.indices.first { $0 != index && plan.outlines[$0].deadline > deadline } ?? plan.outlines.count
        let target = later > index ? later - 1 : later
        plan.move(index, to: target)
        return target
    }
}
