/// Percent-decoding of one path segment (RFC 3986, section 2.1).
enum PercentEncoding {
    /// The segment decoded; bytes that are not UTF-8 become U+FFFD, a `%` without two hex digits stays as it is.
    static func decode(_ segment: Substring) -> String {
        guard segment.utf8.contains(UInt8(ascii: "%")) else { return String(segment) }
        var bytes: [UInt8] = []
        var rest = segment.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), let decoded = hexPair(rest) else {
                bytes.append(byte)
                continue
            }
            bytes.append(decoded)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexPair(_ rest: Substring.UTF8View.SubSequence) -> UInt8? {
        let pair = rest.prefix(2)
        // UInt8(radix:) takes a sign, so "%+5" has to be ruled out by length and digits.
        guard pair.count == 2, pair.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        return UInt8(String(Substring(pair)), radix: 16)
    }
}
