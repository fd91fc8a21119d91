internal import CJansson
public import ServingCore

/// A parsed JSON text (RFC 8259): the one owner of jansson's tree, which lives as long as any ``JSONValue`` of it.
///
/// Not for use by several threads at once.
public final class JSONDocument {
    let tree: UnsafeMutablePointer<json_t>
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
        try Self.check(nodes: JSONSkeleton.nodeCount(of: bytes), against: limits)
        numbers = []
        tree = try Self.load(bytes)
    }

    /// Parses a region's bytes; throws as ``init(parsing:limits:)`` on raw bytes.
    ///
    /// Arrays of numbers get no nodes unless their elements are asked for one by one: they do not count against the
    /// limit of values, and may hold integers up to 2^64 - 1 and longer ones, which are rounded. `charge` is told,
    /// before it is taken, how much memory a longer text takes while it is read, and may refuse that.
    public init(
        parsing region: ByteRegion,
        limits: JSONLimits = JSONLimits(),
        charge: (Int) throws(ServingError) -> Void = { (_) throws(ServingError) in }
    ) throws(ServingError) {
        (tree, numberArrays, numbers) = try region.withBytes { (bytes) throws(ServingError) in
            try Self.check(bytes, against: limits)
            // Each value takes a byte at least, so that short texts need no count.
            let isLong = bytes.count > min(Self.longText, limits.maximumNodes)
            let count = isLong ? JSONSkeleton.nodeCount(of: bytes) + 1 : 0
            if isLong { try charge(count * MemoryLayout<JSONScalar>.stride) }
            let skeleton = JSONSkeleton(of: bytes, expecting: count)
            if isLong {
                let nodes = skeleton.isReduced ? skeleton.text.withUnsafeBytes(JSONSkeleton.nodeCount) : count
                try Self.check(nodes: nodes, against: limits)
                try charge(nodes * Self.bytesPerNode)
            }
            return try Self.loadReduced(skeleton, of: bytes)
        }
    }

    /// Texts up to this length are read without asking: what they take is little.
    private static let longText = 64 << 10
    /// What one value counted in a text takes in jansson's tree at most: half an object with one member.
    private static let bytesPerNode = 176

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
        guard !bytes.isEmpty else { throw ServingError(.malformedJSON, "the body is empty where JSON was expected") }
    }

    private static func check(nodes: Int, against limits: JSONLimits) throws(ServingError) {
        guard nodes <= limits.maximumNodes else {
            throw ServingError(
                .bodyTooLarge,
                "the JSON has more than \(limits.maximumNodes) values, not counting arrays of numbers"
            )
        }
    }

    static func load(_ bytes: UnsafeRawBufferPointer) throws(ServingError) -> Tree {
        var failure = json_error_t()
        guard let tree = parse(bytes, &failure) else {
            throw ServingError(parsing: bytes, failed: failure, at: Int(failure.position))
        }
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
