internal import CJansson
internal import ServingCore

// Arrays of numbers that are no nodes of the tree.
extension JSONDocument {
    typealias Tree = UnsafeMutablePointer<json_t>

    /// Parses what a skeleton left of a text; errors are placed in the whole text.
    static func loadReduced(
        _ skeleton: JSONSkeleton,
        of bytes: UnsafeRawBufferPointer
    ) throws(ServingError) -> (Tree, [Tree: JSONNumberArray], [JSONScalar]) {
        guard skeleton.isReduced else { return (try load(bytes), [:], []) }
        var failure = json_error_t()
        guard let tree = skeleton.text.withUnsafeBytes({ parse($0, &failure) }) else {
            let position = skeleton.fullOffset(of: Int(failure.position))
            throw ServingError(parsing: bytes, failed: failure, at: position)
        }
        var empty: [Tree] = []
        empty.reserveCapacity(skeleton.arrays.count)
        collectEmptyArrays(below: tree, &empty)
        guard empty.count == skeleton.arrays.count else {
            json_decref(tree)
            throw ServingError(.internalError, "arrays of numbers were lost while the JSON was read")
        }
        var arrays = [Tree: JSONNumberArray](minimumCapacity: skeleton.arrays.count)
        for (node, array) in zip(empty, skeleton.arrays) { arrays[node] = array }
        return (tree, arrays, skeleton.numbers)
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

    /// The numbers that an array of the tree stands for, nil for all other nodes.
    func numberArray(_ node: UnsafeMutablePointer<json_t>) -> JSONNumberArray? {
        numberArrays.isEmpty || json_array_size(node) > 0 ? nil : numberArrays[node]
    }

    /// Puts an array's numbers into the tree if they are not there. O(numbers), once.
    func materialize(_ node: UnsafeMutablePointer<json_t>) {
        guard let array = numberArray(node) else { return }
        numberArrays[node] = nil
        for number in numbers[array.numbers] { json_array_append_new(node, number.node) }
    }
}

extension JSONScalar {
    /// A new node; an integer that jansson cannot hold becomes a real.
    fileprivate var node: UnsafeMutablePointer<json_t>? {
        switch self {
        case .integer(let value): json_integer(json_int_t(value))
        case .unsigned(let value): json_real(Double(value))
        case .real(let value): json_real(value)
        case .bool(let value): value ? json_true() : json_false()
        }
    }
}
