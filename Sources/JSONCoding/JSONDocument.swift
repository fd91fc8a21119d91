internal import CJansson
public import ServingCore

/// A parsed JSON text (RFC 8259): the one owner of jansson's tree, which lives as long as any ``JSONValue`` of it.
public final class JSONDocument {
    let tree: UnsafeMutablePointer<json_t>

    /// Parses `bytes` in a fixed order: size, number of values, then the text itself, duplicate keys refused.
    ///
    /// Throws `bodyTooLarge` over a limit, `malformedJSON` with line and column, or `invalidField` with the path of a
    /// number that does not fit. O(bytes).
    public init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()) throws(ServingError) {
        try Self.check(bytes, against: limits)
        tree = try Self.load(bytes)
    }

    /// Parses a region's bytes, which are not needed afterwards; throws as ``init(parsing:limits:)`` on raw bytes.
    public convenience init(parsing region: ByteRegion, limits: JSONLimits = JSONLimits()) throws(ServingError) {
        let tree = try region.withBytes { (bytes) throws(ServingError) in
            try Self.check(bytes, against: limits)
            return try Self.load(bytes)
        }
        self.init(owning: tree)
    }

    private init(owning tree: UnsafeMutablePointer<json_t>) {
        self.tree = tree
    }

    deinit {
        json_decref(tree)
    }

    /// The outermost value: an object or an array.
    public var root: JSONValue { JSONValue(document: self, node: tree, place: .root) }

    private static func check(_ bytes: UnsafeRawBufferPointer, against limits: JSONLimits) throws(ServingError) {
        guard bytes.count <= limits.maximumBytes else {
            throw ServingError(
                .bodyTooLarge,
                "the JSON is \(bytes.count) bytes long, the limit is \(limits.maximumBytes)"
            )
        }
        guard nodeCount(of: bytes) <= limits.maximumNodes else {
            throw ServingError(.bodyTooLarge, "the JSON has more than \(limits.maximumNodes) values")
        }
        guard !bytes.isEmpty else { throw ServingError(.malformedJSON, "the body is empty where JSON was expected") }
    }

    private static func nodeCount(of bytes: UnsafeRawBufferPointer) -> Int {
        var count = 0
        for byte in bytes {
            let opens = byte == UInt8(ascii: ",") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{")
            count &+= opens ? 1 : 0
        }
        return count
    }

    private static func load(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ServingError) -> UnsafeMutablePointer<json_t> {
        JSONLibrary.prepare()
        var failure = json_error_t()
        let text = bytes.assumingMemoryBound(to: CChar.self)
        let flags = Int(JSON_REJECT_DUPLICATES)
        guard let tree = json_loadb(text.baseAddress, bytes.count, flags, &failure) else {
            throw ServingError(parsing: bytes, failed: failure)
        }
        return tree
    }
}
