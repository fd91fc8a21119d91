internal import HTTPTransport

/// What clients call a request, beside the gateway's own number: shown in the log, and given back.
struct RequestMarks: Hashable, Sendable {
    /// `X-Request-Id`, where it is of 1 to 128 visible characters; nil where there is none, or another.
    let requestID: String?
    /// The trace of `traceparent` (W3C Trace Context, version 00): 32 hexadecimal digits; nil where there is none, or no good one.
    let traceID: String?

    /// Reads the fields of a head; what is no good is left out, as if it had not been sent.
    ///
    /// - Complexity: O(number of fields).
    init(_ headers: HeaderFields) {
        requestID = Self.requestID(of: headers)
        traceID = headers.first("traceparent").flatMap(Self.traceID)
    }

    /// The first part of it alone.
    static func requestID(of headers: HeaderFields) -> String? {
        headers.first("X-Request-Id").flatMap { text in
            (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? text : nil
        }
    }

    private static func traceID(_ text: String) -> String? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts.map(\.utf8.count) == [2, 32, 16, 2], parts[0] == "00",
            parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) } }),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        return String(parts[1])
    }
}
