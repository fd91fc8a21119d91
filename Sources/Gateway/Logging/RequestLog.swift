internal import HTTPTransport
internal import Logging
internal import ServingCore

/// A line for each request that ended badly: the gateway's faults as warnings, the client's at `debug`.
///
/// Equal ones are counted. No line has anything of a body or a key.
final class RequestLog: Sendable {
    private let lines: RepeatedLog
    private let logger: Logger

    private var isForEach: Bool { logger.logLevel <= .debug }

    /// Writes to `logger`; at `debug`, each refusal has a line of its own.
    init(_ logger: Logger, clock: @escaping @Sendable () -> MonotonicInstant) {
        self.logger = logger
        lines = RepeatedLog(logger, clock: clock)
    }

    /// A request for `model`, nil where there is no such model, was refused at its head.
    func refused(_ id: RequestID, _ head: RequestHead, model: ModelID?, _ error: ServingError) {
        guard isForEach else { return }
        logger.debug("a request was refused", metadata: Self.fields(id, head, model, error))
    }

    /// An admitted request ended with `outcome`.
    func ended(
        _ id: RequestID,
        _ head: @autoclosure () -> RequestHead,
        model: ModelID,
        _ outcome: InferenceTicket.Outcome,
        _ error: ServingError?
    ) {
        // Nearly every request ends well: nothing of it is copied for the log.
        guard outcome != .met else { return }
        let head = head()
        let subject = "\(model) \(error?.code.rawValue ?? "")"
        switch outcome {
        case .met: break
        case .error:
            lines.log(.warning, "a request failed", about: subject, metadata: Self.fields(id, head, model, error))
        case .late, .missed:
            lines.log(.info, "a deadline was missed", about: "\(model)", metadata: Self.fields(id, head, model, error))
        case .invalid:
            lines.log(
                .debug,
                "a request was not acceptable",
                about: subject,
                metadata: Self.fields(id, head, model, error)
            )
        case .cancelled:
            lines.log(.debug, "a client went away", about: "\(model)", metadata: Self.fields(id, head, model, error))
        }
    }

    private static func fields(
        _ id: RequestID,
        _ head: RequestHead,
        _ model: ModelID?,
        _ error: ServingError?
    ) -> Logger.Metadata {
        var fields: Logger.Metadata = ["request": "\(id)"]
        let marks = RequestMarks(head.headers)
        if let name = marks.requestID { fields["client_request"] = "\(name)" }
        if let trace = marks.traceID { fields["trace"] = "\(trace)" }
        if let model { fields["model"] = "\(model)" }
        if let error {
            fields["code"] = "\(error.code.rawValue)"
            fields["problem"] = "\(error.message)"
        }
        return fields
    }
}
