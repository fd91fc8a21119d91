internal import HTTPTransport

/// Which pages of other sites may have a browser ask here (CORS, the Fetch standard).
struct CrossOriginRule: Sendable {
    private let origins: Set<String>

    /// Takes origins separated by commas, `https://console.example:8443`, or `*` for all; none: no page of another site.
    init(_ text: String) {
        origins = Set(
            text.split(separator: ",").map { $0.filter { !$0.isWhitespace }.lowercased() }.filter { !$0.isEmpty }
        )
    }

    /// Whether a text names origins as they are sent: scheme, host and port only.
    static func isValid(_ text: String) -> Bool {
        CrossOriginRule(text).origins.allSatisfy { origin in
            if origin == "*" { return true }
            guard let end = origin.firstRange(of: "://")?.upperBound, end < origin.endIndex else { return false }
            return ["http://", "https://"].contains(origin[..<end])
                && origin[end...].utf8.allSatisfy { (0x21...0x7E).contains($0) && !"/?#@,".utf8.contains($0) }
        }
    }

    /// Whether any page of another site may.
    var isOff: Bool { origins.isEmpty }

    /// Whether the page that a request comes from may; false where no origin is named.
    func allows(_ head: RequestHead) -> Bool { allowed(head) != nil }

    /// What an answer says to a page of another site that may read it.
    func fields(for head: RequestHead) -> [(name: String, value: String)] {
        guard !isOff else { return [] }
        // Answers differ by origin: none is to be kept for another.
        let vary = ("Vary", "Origin")
        guard let origin = allowed(head) else { return origins.contains("*") ? [] : [vary] }
        return [("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", Self.exposed), vary]
    }

    /// The answer to a browser that asks before it sends, nil where the request is no such question, or another site's.
    func preflight(_ head: RequestHead) -> HTTPResponse? {
        guard head.method == "OPTIONS", head.headers.first("Access-Control-Request-Method") != nil, allows(head)
        else { return nil }
        let fields = [
            ("Access-Control-Allow-Methods", "GET, HEAD, POST"), ("Access-Control-Allow-Headers", Self.accepted),
            ("Access-Control-Max-Age", "600"),
        ]
        return HTTPResponse(status: 204, headers: fields)
    }

    private func allowed(_ head: RequestHead) -> String? {
        guard !isOff, let origin = head.headers.first("Origin") else { return nil }
        return origins.contains("*") ? "*" : origins.contains(origin.lowercased()) ? origin : nil
    }

    /// What a page may send beside what it may send anyway.
    private static let accepted =
        "Accept, Authorization, Content-Type, Inference-Header-Content-Length, Inference-Spectral-Efficiency, "
        + "Inference-Timeout-Ms, traceparent, X-Request-Id"
    /// What a page may read beside what it may read anyway.
    private static let exposed =
        "Inference-Header-Content-Length, RateLimit, RateLimit-Policy, Retry-After, Server-Timing, X-Request-Id"
}
