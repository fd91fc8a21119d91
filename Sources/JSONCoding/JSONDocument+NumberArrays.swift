internal import CJansson
internal import ServingCore

// Arrays of numbers that are no nodes of the tree.
extension JSONDocument {
    typealias Tree = UnsafeMutablePointer<json_t>

    /// Parses without the longer arrays of numbers; nil where there are none and where the text is malformed, so that
    /// errors are found, and placed, in the whole text.
    static func loadSkeleton(_ bytes: UnsafeRawBufferPointer) -> (Tree, [Tree: JSONNumberArray], [JSONScalar])? {
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

    /// Puts an array's numbers into the tree if they are not there, from its text. O(its text), once.
    func materialize(_ node: UnsafeMutablePointer<json_t>) {
        guard let array = numberArray(node) else { return }
        numberArrays[node] = nil
        text.withBytes { text in
            var failure = json_error_t()
            guard let numbers = Self.parse(UnsafeRawBufferPointer(rebasing: text[array.range]), &failure) else {
                return
            }
            json_array_extend(node, numbers)
            json_decref(numbers)
        }
    }
}
