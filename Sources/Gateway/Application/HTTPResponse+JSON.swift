internal import HTTPTransport
internal import JSONCoding
internal import OpenInferenceProtocol
internal import ServingCore

extension HTTPResponse {
    /// 200 with a JSON body.
    static func json(_ value: some JSONWritable) -> HTTPResponse {
        HTTPResponse(status: 200, headers: [("Content-Type", "application/json")], body: [value.json()])
    }

    /// 200 without a body.
    static let empty = HTTPResponse(status: 200)

    /// The answer to an error: problem details with an `error` member, and `Retry-After` where that is known.
    ///
    /// `head` is what it answers, nil where none could be read: it decides the media type.
    static func problem(
        _ error: ServingError,
        request: RequestID?,
        to head: RequestHead?,
        allow: [String] = [],
        closes: Bool = false
    ) -> HTTPResponse {
        let type = ProblemMediaType(path: head?.path, accepting: head?.headers.all("Accept") ?? [])
        var headers = [(name: "Content-Type", value: type.rawValue)]
        if error.code.httpStatus == 503 || error.retryAfter != nil {
            // Whole seconds, at least one (RFC 9110, section 10.2.3).
            let seconds = max(1, (error.retryAfter ?? .seconds(1)).inSeconds.rounded(.up))
            headers.append(("Retry-After", String(Int(seconds))))
        }
        if let quota = error.uplinkQuota { headers += quota.fields }
        if let quota = error.callerQuota { headers += quota.fields }
        if error.code == .unauthorized { headers.append(("WWW-Authenticate", #"Bearer realm="inference-gateway""#)) }
        if !allow.isEmpty { headers.append(("Allow", allow.joined(separator: ", "))) }
        if error.code == .unsupportedEncoding { headers.append(("Accept-Encoding", "identity")) }
        let body = ProblemReport(error: error, request: request).json()
        return HTTPResponse(status: error.code.httpStatus, headers: headers, body: [body], closesConnection: closes)
    }
}

extension ServingError {
    /// The refusal of a gateway that shuts down.
    static let draining = ServingError(
        .draining,
        "the gateway is shutting down and takes no new requests",
        retryAfter: .seconds(1)
    )
}
