public import ServingCore

/// What an admitted request was promised.
public struct Grant: Hashable, Sendable {
    /// What its upload may use at first; nil where uploads are not paced.
    public var rate: BitsPerSecond?
    /// Its share of the uplink (w_k of the paper); nil where uploads are not paced.
    public var share: Hertz?
    /// What its time is expected to go into, margins included.
    public var estimate: LatencyBreakdown
    /// What would have been decided, in ``AdmissionMode/observe``; nil where the decision counts.
    public var observed: ObservedDecision?

    /// Makes a grant.
    public init(
        rate: BitsPerSecond?,
        share: Hertz?,
        estimate: LatencyBreakdown,
        observed: ObservedDecision? = nil
    ) {
        self.rate = rate
        self.share = share
        self.estimate = estimate
        self.observed = observed
    }
}
