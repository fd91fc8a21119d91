public import JSONCoding
public import ServingCore

/// The body of every error answer: problem details (RFC 9457) with the `error` member the Open Inference Protocol and
/// its clients need.
public struct ProblemReport: Hashable, Sendable, JSONWritable {
    /// What went wrong.
    public var error: ServingError
    /// The request it happened to, where one was made out.
    public var request: RequestID?

    /// Makes a report.
    public init(error: ServingError, request: RequestID? = nil) {
        self.error = error
        self.request = request
    }

    /// Writes the standard members, then our own.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("type", "about:blank")
            writer.member("title", Self.title(of: error.code.httpStatus))
            writer.member("status", error.code.httpStatus)
            writer.member("detail", error.message)
            writeRequest(to: &writer)
            writer.member("error", text)
            writer.member("code", error.code.rawValue)
            if let field = error.field { writer.member("field", field) }
            if let retryAfter = error.retryAfter { writer.member("retry_after_s", seconds: retryAfter) }
            writeBreakdown(to: &writer)
        }
    }

    /// What clients show that read nothing but `error`: the field at fault stands before the message.
    private var text: String {
        guard let field = error.field, !error.message.contains(field) else { return error.message }
        return "\(field): \(error.message)"
    }

    private func writeRequest(to writer: inout JSONWriter) {
        guard let request else { return }
        writer.member("instance", "/v1/requests/\(request)")
        writer.member("request_id", request.description)
    }

    private func writeBreakdown(to writer: inout JSONWriter) {
        guard error.breakdown != nil || error.deadline != nil else { return }
        writer.key("breakdown")
        writer.object { writer in
            if let breakdown = error.breakdown {
                writer.member("upload_ms", milliseconds: breakdown.upload)
                writer.member("wait_ms", milliseconds: breakdown.wait)
                writer.member("load_ms", milliseconds: breakdown.load)
                writer.member("compute_ms", milliseconds: breakdown.compute)
            }
            if let deadline = error.deadline { writer.member("deadline_ms", milliseconds: deadline) }
            if let earliest = error.earliestDeadline { writer.member("earliest_deadline_ms", milliseconds: earliest) }
        }
    }

    /// The phrase RFC 9110, RFC 6585 and common use have for a status.
    private static func title(of status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 499: "Client Closed Request"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: "Error"
        }
    }
}
