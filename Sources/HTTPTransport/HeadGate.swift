import ServingCore

/// Decides whether a head is one clear request (RFC 9112), so that nobody between client and gateway can read it otherwise.
///
/// libmicrohttpd 0.9.75 lets most ambiguous framing through: a repeated `Content-Length`, `Transfer-Encoding` beside it, two
/// `Host` fields, unknown versions. What it repairs silently, ``HeadLayout`` finds.
struct HeadGate: Sendable {
    /// How many header fields there may be.
    var maximumHeaderCount = 64
    /// How many bytes names and values may have together.
    var maximumHeaderBytes = 16 << 10
    /// How many bytes the target may have.
    var maximumTargetBytes = 4 << 10
    /// How many bytes a body may have.
    var maximumBodyBytes = 64 << 20

    /// Says how many body bytes the request declares, nil where it declares none, or why it is refused.
    /// - Complexity: O(bytes of the head).
    func check(_ facts: HeadFacts) throws(ServingError) -> Int? {
        guard facts.isPlain else {
            throw ServingError(.malformedHTTP, "the head holds folded lines, bare line feeds, NULs or stray lines")
        }
        guard facts.version == "HTTP/1.1" || facts.version == "HTTP/1.0" else {
            throw ServingError(.malformedHTTP, "only HTTP/1.1 and HTTP/1.0 are spoken here", field: "version")
        }
        guard !facts.method.isEmpty, facts.method.utf8.allSatisfy(\.isTokenByte) else {
            throw ServingError(.malformedHTTP, "the method is not a token", field: "method")
        }
        try checkTarget(path: facts.path, query: facts.query)
        return try checkFields(facts.headers, version: facts.version)
    }

    private func checkFields(_ headers: HeaderFields, version: String) throws(ServingError) -> Int? {
        guard headers.count <= maximumHeaderCount, headers.byteCount <= maximumHeaderBytes else {
            throw ServingError(.headTooLarge, "the request has too many or too long header fields")
        }
        var seen = FieldsSeen(maximumBodyBytes: maximumBodyBytes)
        try headers.forEachField { (name, value) throws(ServingError) in
            try checkSyntax(name, value)
            try seen.take(name, value)
        }
        guard seen.hostCount == 1 || version == "HTTP/1.0" else {
            throw ServingError(.malformedHTTP, "a request needs exactly one Host", field: "Host")
        }
        return seen.contentLength
    }

    private func checkSyntax(_ name: Span<UInt8>, _ value: Span<UInt8>) throws(ServingError) {
        guard !name.isEmpty, name.allBytes(\.isTokenByte) else {
            throw ServingError(.malformedHTTP, "a header name is not a token")
        }
        guard value.allBytes({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw ServingError(.malformedHTTP, "a header value holds a control character", field: name.text)
        }
    }
}

extension Span<UInt8> {
    /// Whether `predicate` holds for every byte.
    func allBytes(_ predicate: (UInt8) -> Bool) -> Bool {
        for index in indices where !predicate(self[index]) { return false }
        return true
    }

    /// The bytes as text, repaired where they are not UTF-8.
    var text: String {
        withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}

extension UInt8 {
    /// Whether the byte may stand in a token (RFC 9110, 5.6.2).
    var isTokenByte: Bool {
        // Bits 0-63 and 64-127 of the set: letters, digits and !#$%&'*+-.^_`|~
        let low: UInt64 = 0x03FF_6CFA_0000_0000
        let high: UInt64 = 0x57FF_FFFF_C7FF_FFFE
        guard self < 128 else { return false }
        return (self < 64 ? low >> UInt64(self) : high >> UInt64(self - 64)) & 1 == 1
    }

    /// The value of a hexadecimal digit, or nil.
    var hexadecimalValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x37
        case 0x61...0x66: self - 0x57
        default: nil
        }
    }
}
