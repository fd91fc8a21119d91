import ServingCore

extension HeadGate {
    /// Refuses targets that two readers could take for different paths.
    func checkTarget(path: String, query: String?) throws(ServingError) {
        guard path.utf8.count + (query?.utf8.count ?? 0) <= maximumTargetBytes else {
            throw ServingError(.headTooLarge, "the target is too long", field: "path")
        }
        guard path.utf8.first == UInt8(ascii: "/") || path == "*" else {
            throw ServingError(.malformedHTTP, "the target is not a path", field: "path")
        }
        try Self.checkBytes(path, isPath: true)
        if let query { try Self.checkBytes(query, isPath: false) }
    }

    private static func checkBytes(_ text: String, isPath: Bool) throws(ServingError) {
        var segment = DotSegment()
        var bytes = text.utf8.makeIterator()
        while var byte = bytes.next() {
            guard byte.isTargetByte else {
                throw ServingError(.malformedHTTP, "the target holds a character that must be encoded", field: "path")
            }
            if byte == UInt8(ascii: "%") {
                byte = try decode(bytes.next(), bytes.next(), isPath: isPath)
            }
            if isPath, segment.take(byte) { throw dotSegments }
        }
        if isPath, segment.isParent { throw dotSegments }
    }

    private static func decode(_ high: UInt8?, _ low: UInt8?, isPath: Bool) throws(ServingError) -> UInt8 {
        guard let high = high?.hexadecimalValue, let low = low?.hexadecimalValue else {
            throw ServingError(.malformedHTTP, "the target has a % without two hexadecimal digits", field: "path")
        }
        let byte = high << 4 | low
        guard byte >= 0x20, byte != 0x7F else {
            throw ServingError(.malformedHTTP, "the target holds an encoded control character", field: "path")
        }
        guard !isPath || byte != UInt8(ascii: "/") && byte != UInt8(ascii: "\\") else {
            throw ServingError(.malformedHTTP, "the path holds an encoded separator", field: "path")
        }
        return byte
    }

    private static var dotSegments: ServingError {
        ServingError(.malformedHTTP, "the path holds a .. segment", field: "path")
    }
}

/// Finds `..` between separators while a decoded path is read byte by byte.
private struct DotSegment {
    private var dots = 0
    private var hasOther = false

    /// Whether what was read since the last separator is `..`.
    var isParent: Bool { dots == 2 && !hasOther }

    /// Takes one byte; true where it ends a `..` segment.
    mutating func take(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "/"):
            defer { self = DotSegment() }
            return isParent
        case UInt8(ascii: "."): dots += 1
        default: hasOther = true
        }
        return false
    }
}

extension UInt8 {
    /// Whether the byte may stand in a target as it is: visible ASCII, and nothing that some reader takes for a separator.
    var isTargetByte: Bool {
        self > 0x20 && self < 0x7F && self != UInt8(ascii: "\\") && self != UInt8(ascii: "#")
    }
}
