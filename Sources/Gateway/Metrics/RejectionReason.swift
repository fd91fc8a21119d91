internal import ServingCore

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
