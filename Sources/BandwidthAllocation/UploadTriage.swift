import ServingCore

/// Which uploads go on where not all of them can be in time any more.
///
/// Scaled down together, all would be late by the same factor, and everything they have sent would be for nothing. So some
/// wait, and the others keep the shares they need. Those wait that have sent the least for each hertz they still need: their loss
/// wastes the least. It is a greedy choice, as the exact one is a knapsack.
public enum UploadTriage {
    /// For each demand, whether it goes on; all do where the least shares fit.
    ///
    /// `sent` are the bits each has sent already. What waits may go on at the next look, if it can still be in time then.
    /// - Complexity: O(demands * log(demands)).
    public static func goesOn(_ problem: BandwidthProblem, sent: [Double]) -> [Bool] {
        let shares = problem.demands.map(\.leastShare.rawValue)
        var goesOn = shares.map(\.isFinite)
        let capacity = problem.capacity.rawValue
        var total = shares.reduce(0) { $1.isFinite ? $0 + $1 : $0 }
        guard total > capacity || goesOn.contains(false) else { return goesOn }
        let cheapest = shares.indices.filter { goesOn[$0] && shares[$0] > 0 }
            .sorted { (worth($0, sent, shares), $0) < (worth($1, sent, shares), $1) }
        for index in cheapest where total > capacity {
            goesOn[index] = false
            total -= shares[index]
        }
        // The last one may have been larger than what was missing: of the others, the most worthy that fit come back.
        for index in cheapest.reversed() where !goesOn[index] && total + shares[index] <= capacity {
            goesOn[index] = true
            total += shares[index]
        }
        return goesOn
    }

    /// What each of those who wait gets of the `spare` hertz that the others leave: all it needs or nothing, who has sent most first.
    ///
    /// A need of nothing, or without bound, gets nothing. Nobody who goes on has less for it.
    /// - Complexity: O(needs * log(needs)).
    public static func leftovers(of spare: Double, needs: [Double], sent: [Double]) -> [Double] {
        var (spare, leftovers) = (spare, needs.map { _ in 0.0 })
        let order = needs.indices.filter { needs[$0] > 0 && sent.indices.contains($0) }
            .sorted { (sent[$0], $1) > (sent[$1], $0) }
        for index in order where needs[index] <= spare {
            leftovers[index] = needs[index]
            spare -= needs[index]
        }
        return leftovers
    }

    /// Bits lost for each hertz freed.
    private static func worth(_ index: Int, _ sent: [Double], _ shares: [Double]) -> Double {
        (sent.indices.contains(index) ? sent[index] : 0) / shares[index]
    }
}
