extension ServingError {
    /// The stable code of an error, and the HTTP status it is answered with (RFC 9110, RFC 6585).
    public enum Code: String, CaseIterable, Hashable, Sendable {
        /// The request's HTTP framing or head is not acceptable.
        case malformedHTTP = "malformed_http"
        /// The body is not JSON, or not JSON this gateway takes.
        case malformedJSON = "malformed_json"
        /// A field, header or tensor has a value that is not acceptable.
        case invalidField = "invalid_field"
        /// No acceptable credential.
        case unauthorized
        /// The credential does not cover this operation.
        case forbidden
        /// No such model or version.
        case unknownModel = "unknown_model"
        /// No such inference request, or one that ended too long ago.
        case unknownRequest = "unknown_request"
        /// No such path.
        case unknownRoute = "unknown_route"
        /// The path exists, the method does not.
        case methodNotAllowed = "method_not_allowed"
        /// The client sent its body too slowly.
        case requestTimeout = "request_timeout"
        /// A body needs a Content-Length.
        case lengthRequired = "length_required"
        /// The body is over the configured limit.
        case bodyTooLarge = "body_too_large"
        /// The body's coding is not supported.
        case unsupportedEncoding = "unsupported_encoding"
        /// An Expect other than 100-continue.
        case expectationFailed = "expectation_failed"
        /// A run of the model for this request alone needs more memory than a run may take.
        case runMemoryExceeded = "run_memory_exceeded"
        /// Too many headers, or too long ones.
        case headTooLarge = "head_too_large"
        /// The caller's own quota is used up.
        case quotaExceeded = "quota_exceeded"
        /// The client went away.
        case cancelled
        /// Something failed inside the gateway.
        case internalError = "internal"
        /// The engine could not run the model.
        case engineFailed = "engine_failed"
        /// The protocol has it, this gateway does not.
        case notImplemented = "not_implemented"
        /// Too many requests wait already.
        case queueFull = "queue_full"
        /// The model does not fit in accelerator memory now, or the system has no memory for the request.
        case memoryUnavailable = "memory_unavailable"
        /// The model cannot be loaded now.
        case modelUnavailable = "model_unavailable"
        /// A run that was ended does not stop, so that nothing else can run.
        case engineUnavailable = "engine_unavailable"
        /// The gateway is not ready yet.
        case starting
        /// The gateway is shutting down.
        case draining
        /// The deadline cannot be met.
        case deadlineUnreachable = "deadline_unreachable"
        /// The uplink cannot carry the body in time.
        case uplinkUnavailable = "uplink_unavailable"
        /// The deadline has passed.
        case deadlinePassed = "deadline_passed"

        /// The HTTP status this code is answered with.
        public var httpStatus: Int {
            switch self {
            case .malformedHTTP, .malformedJSON, .invalidField: 400
            case .unauthorized: 401
            case .forbidden: 403
            case .unknownModel, .unknownRequest, .unknownRoute: 404
            case .methodNotAllowed: 405
            case .requestTimeout: 408
            case .lengthRequired: 411
            case .bodyTooLarge: 413
            case .unsupportedEncoding: 415
            case .expectationFailed: 417
            case .runMemoryExceeded: 422
            case .quotaExceeded: 429
            case .headTooLarge: 431
            case .cancelled: 499
            case .internalError, .engineFailed: 500
            case .notImplemented: 501
            case .queueFull, .memoryUnavailable, .modelUnavailable, .engineUnavailable, .starting, .draining: 503
            case .deadlineUnreachable, .uplinkUnavailable, .deadlinePassed: 504
            }
        }
    }
}
