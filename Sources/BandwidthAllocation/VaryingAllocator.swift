import ServingCore

/// Splits the uplink over uploads by earliest latest start first: shares that change over time.
///
/// **Why this order.** Uploads are jobs of known work (D_k / e_k hertz seconds) on one machine of speed W, all there already,
/// each due by its A_n. Exchanging two neighbours that are out of order never makes a due job late, so serving them by earliest
/// A_n meets every A_n if any order does; and it does exactly when for every n the work of all uploads due by A_n is at
/// most W * A_n. Constant shares are one more way to serve them, so what they can do this can do too.
///
/// At any moment the first upload gets all its device can use, the next what is left, and so on; solved again at every arrival
/// and end, that is the order above.
public enum VaryingAllocator {
    /// Shares to use until the next upload ends or arrives; `isFeasible` says whether all can be in time.
    ///
    /// ``BandwidthShares/leastTotal`` is the least capacity that would do: the greatest cumulative work over its A_n.
    /// - Complexity: O(demands * log(demands)).
    public static func allocate(_ problem: BandwidthProblem) -> BandwidthShares {
        let order = problem.demands.indices.sorted {
            (problem.demands[$0].latestStart, $0) < (problem.demands[$1].latestStart, $1)
        }
        var shares = [Hertz](repeating: Hertz(0), count: problem.demands.count)
        var left = max(problem.capacity.rawValue, 0)
        var (work, least) = (0.0, 0.0)
        var isFeasible = true
        for index in order {
            let demand = problem.demands[index]
            guard demand.bits > 0, demand.efficiency.rawValue > 0 else { continue }
            let share = min(left, max(demand.maximumShare.rawValue, 0))
            shares[index] = Hertz(share)
            left -= share.isFinite ? share : 0
            work += demand.bits / demand.efficiency.rawValue
            least = max(least, demand.latestStart > 0 ? work / demand.latestStart : .infinity)
            isFeasible = isFeasible && demand.leastShare <= demand.maximumShare
        }
        // Rounding in the sum must not refuse what exactly fits.
        isFeasible = isFeasible && least <= problem.capacity.rawValue * (1 + 1e-12)
        return BandwidthShares(shares: shares, leastTotal: Hertz(least), isFeasible: isFeasible)
    }
}
