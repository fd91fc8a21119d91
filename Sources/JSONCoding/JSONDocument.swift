internal import CJansson
public import ServingCore

/// A parsed JSON text (RFC 8259): the one owner of jansson's tree, which lives as long as any ``JSONValue`` of it.
///
/// Not for use by several threads at once.
public final class JSONDocument {
    let tree: UnsafeMutablePointer<json_t>
    /// The text, where ``numberArrays`` has parts of it.
    let text: ByteRegion
    /// The arrays of the tree that are empty there because their numbers are in ``numbers``.
    var numberArrays: [Tree: JSONNumberArray] = [:]
    /// The numbers of these arrays.
    let numbers: [JSONScalar]

    /// Parses `bytes` in a fixed order: size, number of values, then the text itself, duplicate keys refused.
    ///
    /// Throws `bodyTooLarge` over a limit, `malformedJSON` with line and column, or `invalidField` with the path of a
    /// number that does not fit. O(bytes).
    public init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()) throws(ServingError) {
        try Self.check(bytes, against: limits)
        text = .empty
        numbers = []
        tree = try Self.load(bytes)
    }

    /// Parses a region's bytes and keeps the region; throws as ``init(parsing:limits:)`` on raw bytes.
    ///
    /// The result is the same, but long arrays of numbers get no nodes unless their elements are asked for one by one.
    public init(parsing region: ByteRegion, limits: JSONLimits = JSONLimits()) throws(ServingError) {
        text = region
        (tree, numberArrays, numbers) = try region.withBytes { (bytes) throws(ServingError) in
            try Self.check(bytes, against: limits)
            if let reduced = Self.loadSkeleton(bytes) { return reduced }
            return (try Self.load(bytes), [:], [])
        }
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
        // Each value takes a byte at least, so that short texts need no count.
        guard bytes.count <= limits.maximumNodes || nodeCount(of: bytes) <= limits.maximumNodes else {
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
        var failure = json_error_t()
        guard let tree = parse(bytes, &failure) else { throw ServingError(parsing: bytes, failed: failure) }
        return tree
    }

    /// Parses a text; nil where that failed, as `failure` says.
    static func parse(
        _ bytes: UnsafeRawBufferPointer,
        _ failure: inout json_error_t
    ) -> UnsafeMutablePointer<json_t>? {
        JSONLibrary.prepare()
        return json_loadb(
            bytes.assumingMemoryBound(to: CChar.self).baseAddress,
            bytes.count,
            Int(JSON_REJECT_DUPLICATES),
            &failure
        )
    }
}
