public import ServingCore

/// The bandwidth half of the joint problem: an uplink, and the uploads of an ordered list of batches.
public struct BandwidthProblem: Hashable, Sendable {
    /// What there is to share (W of the paper); infinite where the uplink does not bind.
    public var capacity: Hertz
    /// One demand per scheduled request.
    public var demands: [UploadDemand]

    /// Makes a problem.
    public init(capacity: Hertz, demands: [UploadDemand]) {
        self.capacity = capacity
        self.demands = demands
    }
}
