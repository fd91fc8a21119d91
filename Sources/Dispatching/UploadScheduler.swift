import BandwidthAllocation
import LoadScheduling
import ServingCore

/// What uploads get of the uplink: what is known of its capacity and use, when shares are solved, and what comes of it.
///
/// After each solution the shares of all uploads come to no more than the capacity, give or take the part by which a change is too
/// small to tell a device, and but for uploads that are about to end where they take turns. Times are seconds, work is in hertz seconds.
struct UploadScheduler: Sendable {
    /// What is shared out; nil where uploads are not paced.
    private(set) var capacity: CapacityEstimator?
    /// When the shares are to be solved next, where that could not be done at once.
    private(set) var nextSolve = Double.infinity

    private let rule: ShareRule
    private let learnsCapacity: Bool
    private let interval: Double
    private let stallTime: Double
    /// Whether a share may have to change.
    private var isDirty = false
    /// When what uploads still need was brought up to date.
    private var settledAt = 0.0
    /// When all shares were solved.
    private var solvedAt = -1e9
    /// When progress was reported last.
    private var reportedAt = 0.0
    /// What has arrived since then.
    private var arrived = 0.0
    /// The part of the uplink that was used lately; all of it until that is known.
    private var usedPart = 1.0

    /// A rate goes down at once, but only up by more than this part, so that not every upload hears of every change.
    static let worthwhileRise = 0.03
    static let worthwhileFall = 0.005
    /// By how much a share may exceed what its device was seen to use, so that a link that got better shows it.
    private static let roomToGrow = 1.25
    /// The part of an upload that counts as left when it should be over and is not.
    private static let overduePart = 0.002
    /// From this part of the uplink on in use it counts as full.
    private static let crowdedPart = 0.7
    /// Seconds within which most of what was used before is forgotten.
    private static let useMemory = 0.2
    /// Seconds after which what uploads still need is brought up to date.
    private static let settlementAge = 50e-6

    init(_ configuration: DispatcherConfiguration) {
        capacity = configuration.uplink.capacity.map(CapacityEstimator.init(ceiling:))
        learnsCapacity = configuration.learnsCapacity
        interval = configuration.shareInterval.inSeconds
        stallTime = configuration.stallTime.inSeconds
        rule =
            switch (configuration.policy.isPlanned, configuration.allocation) {
            case (false, _): .equal
            case (true, .constant): .constant
            case (true, .varying): .varying
            }
    }

    var isPaced: Bool { capacity != nil }

    /// A share may have to change.
    mutating func noteChange() { isDirty = true }
}

/// Shares.
extension UploadScheduler {
    /// Whether the shares are to be solved now, as something has changed and the last time is long enough ago; they count as solved
    /// then, else ``nextSolve`` says when.
    mutating func takeTurn(at now: Double) -> Bool {
        nextSolve = .infinity
        guard isDirty, isPaced else { return false }
        let due = solvedAt + interval
        guard now >= due else {
            nextSolve = due
            return false
        }
        isDirty = false
        solvedAt = now
        return true
    }

    /// Takes off what each upload has sent at its share since that was done last.
    mutating func settle(_ queue: inout RequestQueue, at now: Double) {
        let last = settledAt
        settledAt = now
        guard now > last else { return }
        queue.settleUploads(since: last, at: now, overduePart: Self.overduePart)
    }

    /// The same, where that was not done just now: before the plan is judged by it.
    mutating func settleIfOld(_ queue: inout RequestQueue, at now: Double) {
        guard isPaced, now - settledAt > Self.settlementAge else { return }
        settle(&queue, at: now)
    }

    /// Solves the shares of all uploads anew, by the latest starts of their batches; gives the slots whose devices are to be told.
    func solve(
        _ queue: inout RequestQueue,
        latestStarts: some Collection<Double>,
        costs: CostModel,
        at now: Double
    ) -> [(slot: Int, share: Hertz)] {
        guard let capacity = capacity?.estimate else { return [] }
        var slots: [Int] = []
        var problem = BandwidthProblem(capacity: capacity, demands: [])
        for (index, latestStart) in zip(queue.plan.indices, latestStarts)
        where queue.plan.outlines[index].uplinkWork > 0 {
            for slot in queue.plan.batches[index].members where queue[slot].work > 0 && !queue[slot].isStalled {
                slots.append(slot)
                problem.demands.append(demand(of: queue[slot], in: queue, window: latestStart - now))
            }
        }
        let shares = rule.shares(for: problem) { slots.map { Self.standing(of: queue[$0], costs, now) } }
        var changes: [(slot: Int, share: Hertz)] = []
        for (index, slot) in slots.enumerated() {
            let least = problem.demands[index].leastShare
            guard Self.isWorthTelling(shares[index], insteadOf: queue[slot].share, least: least) else { continue }
            queue.setShare(shares[index].rawValue, of: slot)
            changes.append((slot, shares[index]))
        }
        return changes
    }

    private func demand(of entry: RequestTable.Entry, in queue: RequestQueue, window: Double) -> UploadDemand {
        UploadDemand(
            bits: entry.work * entry.efficiency,
            efficiency: SpectralEfficiency(rawValue: entry.efficiency),
            latestStart: max(window, queue.leastWindow(of: entry)),
            maximumShare: Hertz(entry.maximumShare * Self.roomToGrow)
        )
    }

    private static func standing(of entry: RequestTable.Entry, _ costs: CostModel, _ now: Double) -> ShareRule.Standing
    {
        let window = entry.deadline - costs.seconds(of: entry.model, requests: 1) - now
        return ShareRule.Standing(
            sent: max(entry.wholeWork - entry.work, 0) * entry.efficiency,
            lastShare: window > 0 ? entry.work / window : .infinity
        )
    }

    private static func isWorthTelling(_ share: Hertz, insteadOf old: Double, least: Hertz) -> Bool {
        let isLower = share.rawValue < old * (1 - worthwhileFall)
        let isHigher = share.rawValue > old * (1 + worthwhileRise)
        // A share that would not do any more is raised however little it lacks.
        let isShort = old < least.rawValue && share.rawValue > old
        return isLower || isHigher || isShort
    }
}

/// Progress.
extension UploadScheduler {
    /// Gives up on what is not there yet of the capacity, where uploads fall short of their shares together; says whether it looked.
    mutating func learnCapacity(_ reports: [UploadReport], _ queue: RequestQueue, at now: Double) -> Bool {
        guard learnsCapacity, reportedAt > 0 else { return false }
        let span = now - reportedAt
        guard span > 1e-3 else { return false }
        var (used, granted, short, devices) = (0.0, 0.0, 0.0, 0)
        for report in reports {
            guard let slot = queue.requests.slot(of: report.id), queue[slot].phase == .uploading else { continue }
            let entry = queue[slot]
            used += max(report.receivedBytes.bits - entry.receivedBits, 0) / (entry.efficiency * span)
            granted += entry.share
            guard !report.isHeld, entry.share > 0, !entry.isStalled else { continue }
            short += entry.share
            devices += 1
        }
        capacity?.observe(
            used: Hertz(used),
            granted: Hertz(granted),
            shortGranted: Hertz(short),
            shortDevices: devices,
            over: Duration.nanoseconds(Int64(min(span, 3e9) * 1e9))
        )
        return true
    }

    /// What an upload is after a report.
    mutating func progress(of entry: RequestTable.Entry, by report: UploadReport, at now: Double) -> RequestTable.Entry
    {
        let bits = max(entry.wholeBits - report.receivedBytes.bits, 0)
        // Complete bodies are still parsed: something counts as left until that is reported.
        let left = max(bits, entry.wholeBits * Self.overduePart)
        let hasProgressed = report.receivedBytes.bits > entry.receivedBits
        arrived += max(report.receivedBytes.bits - entry.receivedBits, 0) / entry.efficiency
        var new = entry
        new.receivedBits = report.receivedBytes.bits
        if isPaced, !entry.isUnplanned { new.work = left / entry.efficiency }
        if hasProgressed || report.isHeld || bits == 0 { new.progressed = now }
        new.isStalled = now - new.progressed >= stallTime
        if let rate = report.linkRate {
            new.maximumShare = max(rate.rawValue, 1) / entry.efficiency
            new.uploadEnd = now + bits / max(rate.rawValue, 1)
        } else if isPaced {
            new.maximumShare = .infinity
            new.uploadEnd = -.infinity
        }
        return new
    }

    /// The rest of a body has come.
    mutating func noteEnd(of entry: RequestTable.Entry) {
        arrived += max(entry.wholeBits - entry.receivedBits, 0) / entry.efficiency
        isDirty = true
    }

    /// All uploads have been reported on: says whether the uplink counts as full.
    mutating func noteReported(at now: Double) -> Bool {
        let span = now - reportedAt
        if let capacity = capacity?.estimate.rawValue, span > 1e-3 {
            let memory = 1 / (1 + span / Self.useMemory)
            usedPart = memory * usedPart + (1 - memory) * arrived / (span * capacity)
        }
        arrived = 0
        reportedAt = now
        isDirty = true
        return !(usedPart < Self.crowdedPart)
    }

    /// Whether an upload that moves cannot be over early enough for `compute` seconds, even with its device's best rate.
    func isTooSlow(_ entry: RequestTable.Entry, compute: Double) -> Bool {
        guard !entry.isStalled, entry.uploadEnd.isFinite, entry.maximumShare.isFinite else { return false }
        return entry.uploadEnd > entry.deadline - compute
    }

    /// Whether not even `uplink`, the whole of it, could end an upload in time: what it would still send were for nothing.
    func isBeyond(_ uplink: Hertz?, _ entry: RequestTable.Entry, compute: Double, at now: Double) -> Bool {
        guard let uplink, !entry.isStalled else { return false }
        return now + entry.work / uplink.rawValue > entry.deadline - compute
    }

    /// Whether the device of an upload at its latest start had stopped sending, by what was seen of it.
    func hasStopped(_ entry: RequestTable.Entry, at now: Double) -> Bool {
        guard reportedAt > entry.since else { return false }
        return entry.isStalled || now - entry.progressed >= 0.25 * (now - entry.since)
    }
}
