internal import ServingCore

/// The account of all inference requests: received = rejected + admitted, and
/// admitted = met + late + error + cancelled + in flight, at every moment.
struct RequestLedger: Equatable, Sendable {
    /// Heads that asked for an inference.
    private(set) var received: UInt64 = 0
    /// Those that were refused, by reason.
    private(set) var rejected: [RejectionReason: UInt64] = [:]
    /// Those that were admitted.
    private(set) var admitted: UInt64 = 0
    /// How the admitted ones ended.
    private(set) var settled: [InferenceTicket.Outcome: UInt64] = [:]

    /// Admitted and not settled.
    var inFlight: UInt64 { admitted - settled.values.reduce(0, +) }

    /// Counts a refusal.
    mutating func reject(_ reason: RejectionReason) {
        received += 1
        rejected[reason, default: 0] += 1
    }

    /// Counts an admission.
    mutating func admit() {
        received += 1
        admitted += 1
    }

    /// Counts how an admitted request ended.
    mutating func settle(_ outcome: InferenceTicket.Outcome) {
        settled[outcome, default: 0] += 1
    }
}

/// Why a request was refused, as a metric's label.
enum RejectionReason: String, CaseIterable, Sendable {
    /// The deadline cannot be met.
    case deadline
    /// The uplink cannot carry the body in time.
    case uplink
    /// The model does not fit in memory.
    case memory
    /// Too many requests wait.
    case queue
    /// The caller's quota is used up.
    case quota
    /// The gateway shuts down.
    case draining
    /// The request itself cannot be served: unknown model, bad header.
    case invalid

    init(_ code: ServingError.Code) {
        switch code {
        case .deadlineUnreachable, .deadlinePassed: self = .deadline
        case .uplinkUnavailable: self = .uplink
        case .memoryUnavailable, .modelUnavailable: self = .memory
        case .queueFull: self = .queue
        case .quotaExceeded: self = .quota
        case .draining: self = .draining
        default: self = .invalid
        }
    }
}
