extension JSONWriter {
    /// Writes a member's name; its value must follow.
    public mutating func key(_ name: String) {
        string(name)
        endKey()
    }

    /// Writes text: quotes, backslashes, controls and everything beyond ASCII escaped, surrogate pairs included.
    public mutating func string(_ text: String) {
        beginValue()
        append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { appendEscaped(UnsafeRawBufferPointer($0)) }
        append(UInt8(ascii: "\""))
    }

    /// Writes bytes as text, each run that is not UTF-8 as U+FFFD.
    public mutating func string(utf8 bytes: UnsafeRawBufferPointer) {
        beginValue()
        append(UInt8(ascii: "\""))
        appendEscaped(bytes)
        append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ bytes: UnsafeRawBufferPointer) {
        if bytes.allSatisfy(Self.isPlain) { return append(bytes) }
        var plainStart = 0
        for (index, byte) in bytes.enumerated() {
            guard !Self.isPlain(byte) else { continue }
            append(UnsafeRawBufferPointer(rebasing: bytes[plainStart..<index]))
            plainStart = index + 1
            guard byte < 0x80 else {
                // From here on decode; text beyond ASCII is rare in this protocol.
                let rest = String(decoding: bytes[index...], as: UTF8.self)
                return rest.unicodeScalars.forEach { appendEscaped($0) }
            }
            appendEscaped(Unicode.Scalar(byte))
        }
        append(UnsafeRawBufferPointer(rebasing: bytes[plainStart...]))
    }

    private mutating func appendEscaped(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": append("\\\"")
        case "\\": append("\\\\")
        case "\n": append("\\n")
        case "\r": append("\\r")
        case "\t": append("\\t")
        case " "..."~": append(UInt8(scalar.value))
        default: UTF16.encode(scalar)?.forEach { appendEscaped(unit: $0) }
        }
    }

    private mutating func appendEscaped(unit: UInt16) {
        append("\\u")
        for shift in [12, 8, 4, 0] {
            let digit = UInt8(truncatingIfNeeded: unit >> shift) & 0xF
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
