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
    /// A run that was ended does not stop.
    case engine
    /// The gateway shuts down.
    case draining
    /// No acceptable key.
    case unauthorized
    /// The key does not cover inference.
    case forbidden
    /// No such model or version.
    case unknownModel = "unknown_model"
    /// The head or the body is over a limit.
    case tooLarge = "too_large"
    /// The request itself cannot be served: its head is malformed, or a field of it has a value that is not acceptable.
    case invalid

    init(_ code: ServingError.Code) {
        switch code {
        case .deadlineUnreachable, .deadlinePassed: self = .deadline
        case .uplinkUnavailable: self = .uplink
        case .memoryUnavailable, .modelUnavailable: self = .memory
        case .queueFull: self = .queue
        case .quotaExceeded: self = .quota
        case .engineUnavailable: self = .engine
        case .draining: self = .draining
        case .unauthorized: self = .unauthorized
        case .forbidden: self = .forbidden
        case .unknownModel: self = .unknownModel
        case .bodyTooLarge, .headTooLarge: self = .tooLarge
        default: self = .invalid
        }
    }
}
