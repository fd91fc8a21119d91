import ServingCore

/// Every admitted request that has not ended, by dense slot.
struct RequestTable: Sendable {
    enum Phase: Sendable {
        case uploading
        case ready
        case running
        /// Running, and its client is gone.
        case abandoned
    }

    struct Entry: Sendable {
        var id: RequestID
        var model: Int
        var phase: Phase
        /// The planned batch that holds it, by the batch's own number.
        var batch: Int
        /// The deadline itself, in seconds.
        var deadline: Double
        /// How long before it the plan has the answer ready, in seconds.
        var slack: Double
        /// The part of the slack that its upload may use up, in seconds.
        var reserve = 0.0
        /// When its upload is expected to end if nobody paces it.
        var uploadEnd: Double
        /// When its upload began, in seconds.
        var since: Double
        /// What its paced upload still needs, in hertz seconds, at the last settlement.
        var work: Double
        /// What it needed at first.
        var wholeWork: Double
        /// Its share of the uplink, in hertz.
        var share: Double
        /// What its link carries, in bit/s/Hz.
        var efficiency: Double
        /// What its device can use of the uplink at most, in hertz.
        var maximumShare = Double.infinity
        /// What its body has in all, and how much of it was reported to have arrived.
        var wholeBits = 0.0
        var receivedBits = 0.0
        /// When it was last seen to get on, or held back by us, in seconds.
        var progressed: Double
        /// Its device sends nothing, though it may: others use its share.
        var isStalled = false
        /// Its device sent nothing for so long that it has no place in the plan until it goes on.
        var isParked = false
        /// The number of the rate it was told last; 0 is its grant's.
        var rateRevision = 0
        /// It was observed to be beyond what can be in time: it runs, but nothing is planned by it.
        var isUnplanned = false
    }

    private var slots: [RequestID: Int] = [:]
    private var entries: [Entry] = []
    private var free: [Int] = []

    var count: Int { slots.count }

    /// How many requests there is memory for: as many as ever were here at once.
    var capacity: Int { entries.count }

    subscript(slot: Int) -> Entry {
        _read { yield entries[slot] }
        _modify { yield &entries[slot] }
    }

    func slot(of id: RequestID) -> Int? { slots[id] }

    mutating func insert(_ entry: Entry) -> Int {
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            entries[slot] = entry
        } else {
            slot = entries.count
            entries.append(entry)
        }
        slots[entry.id] = slot
        return slot
    }

    /// Forgets the request in `slot`, which may then be another's.
    mutating func remove(_ slot: Int) {
        slots[entries[slot].id] = nil
        free.append(slot)
    }
}

extension RequestTable.Entry {
    /// Its body is here at `now`: nothing is left to upload, and the reserve for that is given back.
    mutating func finishUpload(at now: Double, slack whole: Double) {
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
