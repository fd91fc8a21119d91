import BandwidthAllocation
import ServingCore

/// How the uplink is split among uploads.
enum ShareRule: Sendable {
    /// As much for each; what a device cannot use goes to the others.
    case equal
    /// One share for each upload from its start to its end.
    case constant
    /// Uploads take turns, those that must end first before the others.
    case varying

    /// Seconds within which an upload may end, and the next must not have waited for that.
    private static let handover = 0.02

    /// An upload as far as it matters once not all can be in time.
    struct Standing {
        /// Bits that it has sent.
        var sent: Double
        /// The hertz it takes to end before its own deadline cannot be met even alone, whatever its batch does: the slack that plans
        /// keep is there for this. Infinite where it is too late.
        var lastShare: Double
    }

    /// A share for each demand; `standings` are asked for only where not all uploads can be in time.
    func shares(for problem: BandwidthProblem, standings: () -> [Standing]) -> [Hertz] {
        switch self {
        case .equal: Self.equalShares(problem)
        case .constant: Self.constantShares(problem, standings)
        case .varying: VaryingAllocator.allocate(problem, horizon: Self.handover).shares
        }
    }

    /// Constant shares of uploads that cannot all be in time any more are those of the ones that go on; what these leave goes to
    /// the others, as far as they may still make their own deadlines.
    private static func constantShares(_ problem: BandwidthProblem, _ standings: () -> [Standing]) -> [Hertz] {
        let solution = BandwidthAllocator.allocate(problem)
        guard !solution.isFeasible else { return solution.shares }
        let standings = standings()
        let sent = standings.map(\.sent)
        let goesOn = UploadTriage.goesOn(problem, sent: sent)
        guard goesOn.contains(true) else { return solution.shares }
        var reduced = problem
        for index in goesOn.indices where !goesOn[index] { reduced.demands[index].bits = 0 }
        let spare = problem.capacity.rawValue - BandwidthAllocator.allocate(reduced).leastTotal.rawValue
        let needs = standings.indices.map { goesOn[$0] ? 0 : standings[$0].lastShare }
        let leftovers = UploadTriage.leftovers(of: spare, needs: needs, sent: sent)
        reduced.capacity = Hertz(problem.capacity.rawValue - leftovers.reduce(0, +))
        return zip(BandwidthAllocator.allocate(reduced).shares, leftovers).map { Hertz($0.rawValue + $1) }
    }

    private static func equalShares(_ problem: BandwidthProblem) -> [Hertz] {
        var shares = Array(repeating: Hertz(0), count: problem.demands.count)
        var rest = problem.capacity.rawValue
        var left = problem.demands.count
        let byNeed = problem.demands.indices.sorted {
            (problem.demands[$0].maximumShare.rawValue, $0) < (problem.demands[$1].maximumShare.rawValue, $1)
        }
        for index in byNeed {
            let share = min(problem.demands[index].maximumShare.rawValue, rest / Double(left))
            shares[index] = Hertz(share)
            rest -= share
            left -= 1
        }
        return shares
    }
}
