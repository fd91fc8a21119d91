public import ServingCore

/// What became of a ``BatchOrder``.
public struct BatchResult: Hashable, Sendable {
    /// The order.
    public var order: OrderID
    /// How long the executor was at it.
    public var duration: Duration
    /// How many requests each tensor run held; their sum is the number of requests that ran.
    public var groupSizes: [Int]
    /// Requests of the order that ended with an error.
    public var failed: [RequestID]
    /// Whether it took what such a batch takes: no run of it failed, was ended, or was tried again in parts.
    public var isTypical: Bool

    /// Makes a result; no `groupSizes` stands for one run of the whole order.
    public init(
        order: OrderID,
        duration: Duration,
        groupSizes: [Int] = [],
        failed: [RequestID] = [],
        isTypical: Bool = true
    ) {
        self.order = order
        self.duration = duration
        self.groupSizes = groupSizes
        self.failed = failed
        self.isTypical = isTypical
    }
}
