/// Percent-decoding of one path segment (RFC 3986, section 2.1).
enum PercentEncoding {
    /// The segment decoded; bytes that are not UTF-8 become U+FFFD, a `%` without two hex digits stays as it is.
    static func decode(_ segment: some Collection<UInt8>) -> String {
        guard segment.contains(UInt8(ascii: "%")) else { return String(decoding: segment, as: UTF8.self) }
        var bytes: [UInt8] = []
        var rest = segment[...]
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

    private static func hexPair(_ rest: some Collection<UInt8>) -> UInt8? {
        let digits = rest.prefix(2).compactMap(hexDigit)
        return digits.count == 2 ? digits[0] << 4 | digits[1] : nil
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init)
    }
}
