public import ServingCore

/// Splits the uplink over uploads by the closed form of PartialLoading (arXiv 2503.22982): constant shares.
///
/// **Derivation.** With a constant share w_k, upload k takes D_k / (e_k w_k) seconds and must end by A_n, the latest start of
/// its batch. Each upload's condition involves its own share alone and holds exactly for w_k >= D_k / (e_k A_n), so the
/// smallest vector of shares meets every condition at once and is unique. A feasible vector sums to at most W; any feasible
/// vector is at least the smallest one in every component; hence some vector is feasible exactly when the smallest sums to at
/// most W. What is left is shared out in proportion: every share grows by the same factor W / sum, so the uploads of a batch
/// still end together, now at A_n * sum / W. A device that cannot use its grown share gets what it can use, and the factor of
/// the others is larger for it.
public enum BandwidthAllocator {
    /// Shares for `problem`: the least ones scaled up to the capacity, or scaled down to it where they do not fit.
    ///
    /// Scaling down makes every upload late by the same factor; `isFeasible` is false then. A demand with no time left
    /// (an infinite least share) gets what a millisecond would need, so that it does not starve all others.
    /// - Complexity: O(demands), O(demands * log(demands)) where some device's link is known.
    public static func allocate(_ problem: BandwidthProblem) -> BandwidthShares {
        var total = 0.0
        var isFeasible = true
        var shares = problem.demands.map { demand in
            let least = finiteShare(of: demand, isFeasible: &isFeasible)
            total += least
            return Hertz(least)
        }
        // Rounding in the sum must not refuse what exactly fits.
        isFeasible = isFeasible && total <= problem.capacity.rawValue * (1 + 1e-12)
        isFeasible = isFeasible && problem.demands.allSatisfy { $0.leastShare <= $0.maximumShare }
        grow(&shares, of: problem, from: total)
        return BandwidthShares(shares: shares, leastTotal: Hertz(total), isFeasible: isFeasible)
    }

    /// Multiplies the least shares by one factor, less for those whose device cannot use that much.
    private static func grow(_ shares: inout [Hertz], of problem: BandwidthProblem, from total: Double) {
        var scale = scale(from: total, to: problem.capacity)
        let limited = problem.demands.indices.filter { problem.demands[$0].maximumShare.rawValue.isFinite }
        if !limited.isEmpty, problem.capacity.rawValue.isFinite {
            // The factor only grows as limited ones leave the sum: those with the least room leave first.
            let room = limited.map { (problem.demands[$0].maximumShare.rawValue / shares[$0].rawValue, $0) }
            var (capacity, rest) = (problem.capacity.rawValue, total)
            for (factor, index) in room.sorted(by: { $0.0 < $1.0 }) {
                guard factor < scale, rest > shares[index].rawValue else { break }
                capacity -= problem.demands[index].maximumShare.rawValue
                rest -= shares[index].rawValue
                scale = max(capacity, 0) / rest
            }
        }
        for index in shares.indices {
            shares[index] = min(Hertz(shares[index].rawValue * scale), problem.demands[index].maximumShare)
        }
    }

    /// The factor by which shares that sum to `total` grow (or shrink) to use all of `capacity`; 1 on an endless uplink.
    public static func scale(from total: Double, to capacity: Hertz) -> Double {
        guard total > 0, capacity.rawValue.isFinite else { return 1 }
        return max(capacity.rawValue, 0) / total
    }

    /// Seconds that count as left where none are, so that a late upload still gets a finite share.
    private static let shortestWindow = 1e-3

    private static func finiteShare(of demand: UploadDemand, isFeasible: inout Bool) -> Double {
        let least = demand.leastShare.rawValue
        guard !least.isFinite else { return least }
        isFeasible = false
        guard demand.efficiency.rawValue > 0 else { return 0 }
        return demand.bits / (demand.efficiency.rawValue * shortestWindow)
    }
}
