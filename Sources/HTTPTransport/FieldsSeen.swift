import ServingCore

/// The fields that decide how a request is framed, while a head is read through once.
struct FieldsSeen {
    let maximumBodyBytes: Int
    private(set) var hostCount = 0
    private(set) var contentLength: Int?
    private var hasAuthorization = false

    init(maximumBodyBytes: Int) {
        self.maximumBodyBytes = maximumBodyBytes
    }

    /// Takes one field into account; every other field is none of the gate's business.
    mutating func take(_ name: Span<UInt8>, _ value: Span<UInt8>) throws(ServingError) {
        // The length tells most fields apart without a comparison.
        switch name.count {
        case 4 where name.equalsIgnoringCase("host"): try takeHost(value)
        case 6 where name.equalsIgnoringCase("expect"): try Self.checkExpect(value)
        case 13 where name.equalsIgnoringCase("authorization"): try takeAuthorization()
        case 14 where name.equalsIgnoringCase("content-length"): try takeContentLength(value)
        case 16 where name.equalsIgnoringCase("content-encoding"): try Self.checkContentEncoding(value)
        case 17 where name.equalsIgnoringCase("transfer-encoding"):
            throw ServingError(.lengthRequired, "send a Content-Length instead", field: "Transfer-Encoding")
        default: break
        }
    }

    private mutating func takeHost(_ value: Span<UInt8>) throws(ServingError) {
        hostCount += 1
        guard hostCount == 1, value.allBytes(\.isHostByte) else {
            throw ServingError(.malformedHTTP, "a request needs exactly one Host, a name or address", field: "Host")
        }
    }

    private mutating func takeAuthorization() throws(ServingError) {
        guard !hasAuthorization else {
            throw ServingError(.malformedHTTP, "more than one Authorization", field: "Authorization")
        }
        hasAuthorization = true
    }

    private mutating func takeContentLength(_ value: Span<UInt8>) throws(ServingError) {
        guard contentLength == nil, !value.isEmpty, value.allBytes({ $0 &- 0x30 < 10 }) else {
            throw ServingError(
                .malformedHTTP,
                "a request needs at most one Content-Length, of digits only",
                field: "Content-Length"
            )
        }
        // 2^64 - 1 means "unknown" to libmicrohttpd: the limit has to come before anything else.
        guard let length = Int(value.text), length <= maximumBodyBytes else {
            throw ServingError(
                .bodyTooLarge,
                "the body may have at most \(maximumBodyBytes) bytes",
                field: "Content-Length"
            )
        }
        contentLength = length
    }

    private static func checkExpect(_ value: Span<UInt8>) throws(ServingError) {
        guard value.equalsIgnoringCase("100-continue") else {
            throw ServingError(.expectationFailed, "only 100-continue can be expected", field: "Expect")
        }
    }

    private static func checkContentEncoding(_ value: Span<UInt8>) throws(ServingError) {
        guard value.equalsIgnoringCase("identity") else {
            throw ServingError(
                .unsupportedEncoding,
                "bodies are taken without encoding only",
                field: "Content-Encoding"
            )
        }
    }
}

extension UInt8 {
    /// Whether the byte may stand in a Host: no space, comma, user or path separator.
    var isHostByte: Bool {
        guard self > 0x20, self < 0x7F else { return false }
        return switch self {
        case UInt8(ascii: ","), UInt8(ascii: "/"), UInt8(ascii: "@"), UInt8(ascii: "?"), UInt8(ascii: "#"): false
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"): false
        default: true
        }
    }
}
