public import ServingCore

/// What would have been decided on a request at its head, had the verdict been enforced.
public struct ObservedDecision: Hashable, Sendable {
    /// Why it would have been refused; nil where it would have been admitted.
    public var refusal: ServingError.Code?
    /// What its upload would have been held to at first; nil where nothing would have held it.
    public var rate: BitsPerSecond?

    /// Makes a decision.
    public init(refusal: ServingError.Code? = nil, rate: BitsPerSecond? = nil) {
        self.refusal = refusal
        self.rate = rate
    }
}

/// What would have been done in ``AdmissionMode/enforce``.
public struct ObservedCounters: Hashable, Sendable {
    /// Requests that would have been refused, by code.
    public var refused: [ServingError.Code: Int] = [:]
    /// Requests that would have been admitted, and given up later on.
    public var givenUp = 0

    /// Makes zeros.
    public init() {}

    /// All that would have been refused.
    public var refusedTotal: Int { refused.values.reduce(0, +) }
}
