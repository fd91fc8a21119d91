import BandwidthAllocation
import LoadScheduling
import ServingCore

/// When the shares of the uplink were settled and solved last.
struct UplinkState: Sendable {
    /// Whether a share may have to change.
    var isDirty = false
    /// When what uploads still need was brought up to date, in seconds.
    var settledAt = 0.0
    /// When all shares were solved, in seconds.
    var solvedAt = -1e9
    /// When they are to be solved next, where that could not be done at once.
    var solveAt = Double.infinity
    /// What is shared out; nil where uploads are not paced.
    var capacity: CapacityEstimator?
    /// When progress was reported last, in seconds.
    var reportedAt = 0.0
    /// What has arrived since then, in hertz seconds.
    var arrived = 0.0
    /// The part of the uplink that was used lately; all of it until that is known.
    var usedPart = 1.0
}

extension Dispatcher {
    /// A rate goes down at once, but only up by more than this part, so that not every upload hears of every change.
    private static let worthwhileRise = 0.03
    private static let worthwhileFall = 0.005
    /// Seconds within which an upload may end, and the next must not have waited for that.
    private static let handover = 0.02
    /// By how much a share may exceed what its device was seen to use, so that a link that got better shows it.
    private static let roomToGrow = 1.25
    /// The part of an upload that counts as left when it should be over and is not.
    static let overduePart = 0.002

    /// From this part of the uplink on in use it counts as full.
    private static let crowdedPart = 0.7
    /// Seconds within which most of what was used before is forgotten.
    private static let useMemory = 0.2

    /// Seconds after which what uploads still need is brought up to date.
    private static let settlementAge = 50e-6

    /// Solves the shares of all uploads anew if something has changed and the last time is long enough ago.
    mutating func solveShares(_ actions: inout [DispatchAction]) {
        uplink.solveAt = .infinity
        guard uplink.isDirty, let capacity = uplink.capacity?.estimate else { return }
        let due = uplink.solvedAt + intervals.share
        guard state.now >= due else {
            uplink.solveAt = due
            return
        }
        uplink.isDirty = false
        uplink.solvedAt = state.now
        settleUploads()
        updateTimeline()
        applyShares(of: capacity, &actions)
    }

    private mutating func applyShares(of capacity: Hertz, _ actions: inout [DispatchAction]) {
        var slots: [Int] = []
        var demands: [UploadDemand] = []
        for index in plan.indices where plan.outlines[index].uplinkWork > 0 {
            let window = timeline.entries[index].latestStart - state.now
            for slot in plan.batches[index].members where requests[slot].work > 0 && !requests[slot].isStalled {
                let efficiency = SpectralEfficiency(rawValue: requests[slot].efficiency)
                slots.append(slot)
                demands.append(
                    UploadDemand(
                        bits: requests[slot].work * requests[slot].efficiency,
                        efficiency: efficiency,
                        latestStart: max(window, queue.leastWindow(of: requests[slot])),
                        maximumShare: Hertz(requests[slot].maximumShare * Self.roomToGrow)
                    )
                )
            }
        }
        let problem = BandwidthProblem(capacity: capacity, demands: demands)
        let shares = shares(for: problem, slots)
        for index in slots.indices {
            setShare(shares[index], least: demands[index].leastShare, of: slots[index], &actions)
        }
    }

    /// Constant shares of uploads that cannot all be in time any more are those of the ones that go on; what these leave goes to
    /// the others, as far as they may still make their own deadlines.
    private func constantShares(_ problem: BandwidthProblem, _ slots: [Int]) -> [Hertz] {
        let solution = BandwidthAllocator.allocate(problem)
        guard !solution.isFeasible else { return solution.shares }
        let sent = slots.map { max(requests[$0].wholeWork - requests[$0].work, 0) * requests[$0].efficiency }
        let goesOn = UploadTriage.goesOn(problem, sent: sent)
        guard goesOn.contains(true) else { return solution.shares }
        var reduced = problem
        for index in goesOn.indices where !goesOn[index] { reduced.demands[index].bits = 0 }
        let spare = problem.capacity.rawValue - BandwidthAllocator.allocate(reduced).leastTotal.rawValue
        let needs = slots.indices.map { goesOn[$0] ? 0 : lastShare(of: slots[$0]) }
        let leftovers = UploadTriage.leftovers(of: spare, needs: needs, sent: sent)
        reduced.capacity = Hertz(problem.capacity.rawValue - leftovers.reduce(0, +))
        return zip(BandwidthAllocator.allocate(reduced).shares, leftovers).map { Hertz($0.rawValue + $1) }
    }

    /// What it takes to end an upload before its own deadline cannot be met even alone, whatever its batch does: the slack that
    /// plans keep is there for this. Infinite where it is too late.
    private func lastShare(of slot: Int) -> Double {
        let compute = costs.seconds(of: requests[slot].model, requests: 1)
        let window = requests[slot].deadline - compute - state.now
        return window > 0 ? requests[slot].work / window : .infinity
    }

    private func shares(for problem: BandwidthProblem, _ slots: [Int]) -> [Hertz] {
        guard configuration.policy.isPlanned else { return Self.equalShares(problem) }
        return switch configuration.allocation {
        case .constant: constantShares(problem, slots)
        case .varying: VaryingAllocator.allocate(problem, horizon: Self.handover).shares
        }
    }

    private mutating func setShare(_ share: Hertz, least: Hertz, of slot: Int, _ actions: inout [DispatchAction]) {
        let old = requests[slot].share
        let isLower = share.rawValue < old * (1 - Self.worthwhileFall)
        let isHigher = share.rawValue > old * (1 + Self.worthwhileRise)
        // A share that would not do any more is raised however little it lacks.
        let isShort = old < least.rawValue && share.rawValue > old
        guard isLower || isHigher || isShort else { return }
        queue.setShare(share.rawValue, of: slot)
        guard !isObserving else { return }
        let revision = queue.nextRateRevision(of: slot)
        let rate = share.rate(at: SpectralEfficiency(rawValue: requests[slot].efficiency))
        actions.append(.setUploadRate(requests[slot].id, rate, revision: revision))
    }

    /// Brings what uploads still need up to date before the plan is judged by it.
    mutating func settleUploadsIfOld() {
        guard configuration.uplink.capacity != nil else { return }
        if state.now - uplink.settledAt > Self.settlementAge { settleUploads() }
    }

    /// Takes off what each upload has sent at its share since the last settlement.
    mutating func settleUploads() {
        let last = uplink.settledAt
        uplink.settledAt = state.now
        guard state.now > last else { return }
        queue.settleUploads(since: last, at: state.now, overduePart: Self.overduePart)
    }

    /// Notes what part of the uplink was used since the last report.
    mutating func noteUse() {
        defer { uplink.arrived = 0 }
        let span = state.now - uplink.reportedAt
        guard let capacity = uplink.capacity?.estimate.rawValue, span > 1e-3 else { return }
        let memory = 1 / (1 + span / Self.useMemory)
        uplink.usedPart = memory * uplink.usedPart + (1 - memory) * uplink.arrived / (span * capacity)
        queue.isUplinkCrowded = !(uplink.usedPart < Self.crowdedPart)
    }

    /// What the uplink can carry for a request by its deadline, beside what is promised.
    ///
    /// What is free is what fits between the least shares of the others, the same for constant and for varying shares.
    mutating func uplinkQuota(for entry: RequestTable.Entry) -> UplinkQuota {
        updateTimeline()
        let window = max(entry.planned - state.now, 0)
        let bytes = entry.efficiency * window / 8
        let free = max(server.uplink.rawValue - timeline.leastShareTotal, 0)
        var reset = 0.0
        for index in plan.indices where plan.outlines[index].uplinkWork > 0 {
            reset = max(reset, timeline.entries[index].latestStart - state.now)
        }
        return UplinkQuota(
            windowBytes: ByteCount(Self.count(server.uplink.rawValue * bytes)),
            window: Self.duration(window),
            freeBytes: ByteCount(Self.count(free * bytes)),
            reset: Self.duration(reset)
        )
    }

    private static func count(_ bytes: Double) -> Int { bytes.isFinite ? Int(min(max(bytes, 0), 1e15)) : 0 }
}
