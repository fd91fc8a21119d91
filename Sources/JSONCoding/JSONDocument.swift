internal import CJansson
public import ServingCore

/// A parsed JSON text (RFC 8259): the one owner of jansson's tree, which lives as long as any ``JSONValue`` of it.
///
/// Not for use by several threads at once.
public final class JSONDocument {
    let tree: UnsafeMutablePointer<json_t>
    /// The text, where ``numberArrays`` has parts of it.
    private let text: ByteRegion
    /// The arrays of the tree that are empty there because their numbers stayed text.
    private var numberArrays: [UnsafeMutablePointer<json_t>: JSONNumberArray] = [:]

    /// Parses `bytes` in a fixed order: size, number of values, then the text itself, duplicate keys refused.
    ///
    /// Throws `bodyTooLarge` over a limit, `malformedJSON` with line and column, or `invalidField` with the path of a
    /// number that does not fit. O(bytes).
    public init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()) throws(ServingError) {
        try Self.check(bytes, against: limits)
        text = .empty
        tree = try Self.load(bytes)
    }

    /// Parses a region's bytes and keeps the region; throws as ``init(parsing:limits:)`` on raw bytes.
    ///
    /// The result is the same, but long arrays of numbers stay text until they are read, as tensors straight from it.
    public init(parsing region: ByteRegion, limits: JSONLimits = JSONLimits()) throws(ServingError) {
        text = region
        (tree, numberArrays) = try region.withBytes { (bytes) throws(ServingError) in
            try Self.check(bytes, against: limits)
            if let reduced = Self.loadSkeleton(bytes) { return reduced }
            return (try Self.load(bytes), [:])
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
        var failure = json_error_t()
        guard let tree = parse(bytes, &failure) else { throw ServingError(parsing: bytes, failed: failure) }
        return tree
    }

    private static func parse(
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

// Arrays of numbers that stay text.
extension JSONDocument {
    private typealias Tree = UnsafeMutablePointer<json_t>

    /// Parses without the longer arrays of numbers; nil where there are none and where the text is malformed, so that
    /// errors are found, and placed, in the whole text.
    private static func loadSkeleton(_ bytes: UnsafeRawBufferPointer) -> (Tree, [Tree: JSONNumberArray])? {
        let skeleton = JSONSkeleton(of: bytes)
        guard skeleton.isReduced else { return nil }
        var failure = json_error_t()
        guard let tree = skeleton.text.withUnsafeBytes({ parse($0, &failure) }) else { return nil }
        var empty: [Tree] = []
        collectEmptyArrays(below: tree, &empty)
        guard empty.count == skeleton.arrays.count else {
            json_decref(tree)
            return nil
        }
        var arrays: [Tree: JSONNumberArray] = [:]
        for (node, array) in zip(empty, skeleton.arrays) { arrays[node] = array }
        return (tree, arrays)
    }

    /// Collects empty arrays in the order of the text: jansson keeps members in the order they were inserted.
    private static func collectEmptyArrays(below node: Tree, _ empty: inout [Tree]) {
        switch node.pointee.type {
        case JSON_ARRAY:
            let count = json_array_size(node)
            if count == 0 { empty.append(node) }
            for index in 0..<count {
                if let element = json_array_get(node, index) { collectEmptyArrays(below: element, &empty) }
            }
        case JSON_OBJECT:
            var next = json_object_iter(node)
            while let iterator = next {
                if let member = json_object_iter_value(iterator) { collectEmptyArrays(below: member, &empty) }
                next = json_object_iter_next(node, iterator)
            }
        default: break
        }
    }

    /// The numbers of an array that stayed text, nil for all other nodes.
    func numberArray(_ node: UnsafeMutablePointer<json_t>) -> JSONNumberArray? {
        numberArrays.isEmpty ? nil : numberArrays[node]
    }

    /// Calls `body` with the text that ``numberArray(_:)`` speaks of.
    func withText<Output>(_ body: (UnsafeRawBufferPointer) -> Output) -> Output {
        text.withBytes(body)
    }

    /// Puts an array's numbers into the tree if they stayed text. O(its text), once.
    func materialize(_ node: UnsafeMutablePointer<json_t>) {
        guard let array = numberArray(node) else { return }
        numberArrays[node] = nil
        withText { text in
            var failure = json_error_t()
            guard let numbers = Self.parse(UnsafeRawBufferPointer(rebasing: text[array.range]), &failure) else {
                return
            }
            json_array_extend(node, numbers)
            json_decref(numbers)
        }
    }
}
