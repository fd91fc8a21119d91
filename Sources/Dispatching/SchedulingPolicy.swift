/// By which rules requests are taken in, ordered, and given memory.
public enum SchedulingPolicy: String, CaseIterable, Hashable, Sendable {
    /// Ours: only missing blocks are loaded, in a planned order that reuses shared ones; what cannot be in time is refused.
    case partial
    /// The same scheduler, but every model has blocks of its own: each load is one of a whole model.
    case whole
    /// What model servers do: first come first served, the least recently used models evicted, a fixed batching window;
    /// everything is taken in up to the queue's limit.
    case lru
    /// As `lru`, but the request with the earliest deadline comes first, and no batch waits for others.
    case edf

    /// Whether models that have a block in common use one copy of it.
    public var sharesBlocks: Bool { self == .partial }

    /// Whether arrivals are judged by the plan, and planners look for a better one.
    public var isPlanned: Bool { self == .partial || self == .whole }
}

/// What becomes of a verdict.
public enum AdmissionMode: String, CaseIterable, Hashable, Sendable {
    /// What cannot be in time is refused at its head, and given up as soon as that is known later on.
    case enforce
    /// Every request is taken in and run, no upload is held back; what would have been done is counted and told.
    case observe
}
