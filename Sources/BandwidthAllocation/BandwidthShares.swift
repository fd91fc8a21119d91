public import ServingCore

/// A constant share of the uplink for each demand.
public struct BandwidthShares: Hashable, Sendable {
    /// For each demand, in order, the share granted.
    public var shares: [Hertz]
    /// What the least shares sum to; at most the capacity exactly when everything can be in time.
    public var leastTotal: Hertz
    /// Whether every upload ends by its latest start with these shares.
    public var isFeasible: Bool

    /// Makes shares.
    public init(shares: [Hertz], leastTotal: Hertz, isFeasible: Bool) {
        self.shares = shares
        self.leastTotal = leastTotal
        self.isFeasible = isFeasible
    }
}
