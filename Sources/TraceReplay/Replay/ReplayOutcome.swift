import JSONCoding
import NIOCore
import ServingCore

/// How one request of a replay ended, as its client saw it.
enum ReplayOutcome: Equatable {
    /// Answered 200 within its timeout, counted from its arrival in the trace.
    case inTime
    /// Answered 200 after it.
    case late
    /// Refused before its body was wanted.
    case rejected(Rejection)
    /// Admitted, then told that its deadline cannot be met any more.
    case refusedLate
    /// Anything else: another status, no answer, a broken connection.
    case failed
    /// Given up by this client.
    case cancelled

    /// Why a request was refused, in the words of the gateway's `gateway_rejections_total`.
    enum Rejection: String, CaseIterable {
        case deadline
        case uplink
        case memory
        case queue
        case quota
        case draining
        case invalid
    }

    /// What an answer means.
    init(status: Int, body: ByteBuffer, isInTime: Bool) {
        switch status {
        case 200: self = isInTime ? .inTime : .late
        default: self = Self.failure(status, Self.code(in: body))
        }
    }

    private static func failure(_ status: Int, _ code: String?) -> ReplayOutcome {
        switch code.flatMap(ServingError.Code.init(rawValue:)) {
        case .deadlineUnreachable: .rejected(.deadline)
        case .deadlinePassed: .refusedLate
        case .uplinkUnavailable: .rejected(.uplink)
        case .memoryUnavailable: .rejected(.memory)
        case .queueFull: .rejected(.queue)
        case .quotaExceeded: .rejected(.quota)
        case .draining: .rejected(.draining)
        case .unknownModel, .bodyTooLarge, .unauthorized, .forbidden: .rejected(.invalid)
        default: .failed
        }
    }

    private static func code(in body: ByteBuffer) -> String? {
        body.withUnsafeReadableBytes { bytes in
            (try? JSONDocument(parsing: bytes).root.member("code").string())
        }
    }
}
