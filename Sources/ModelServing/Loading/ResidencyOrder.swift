public import ServingCore

/// A change of what is in memory: first the evictions, then the loads, each in order.
public struct ResidencyOrder: Hashable, Sendable {
    /// The blocks to put out.
    public var evictions: [BlockID]
    /// The blocks to bring in; those that are in already cost nothing.
    public var loads: [ParameterBlock]

    /// Makes an order.
    public init(evictions: [BlockID], loads: [ParameterBlock]) {
        self.evictions = evictions
        self.loads = loads
    }
}
