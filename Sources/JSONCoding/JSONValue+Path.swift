internal import CJansson

extension JSONValue {
    /// The place of the value in its document, like `inputs[0].shape[1]`, or nil for the root.
    ///
    /// It is searched for when asked, so that a request without errors pays nothing. O(values in the document).
    public var path: String? {
        withNode { _ in
            switch place {
            case .root: return nil
            case .element(let parent, let index):
                var path = Self.path(to: parent, from: document.tree)
                JSONPath.append(index: index, to: &path)
                return path
            case .member(let parent, let iterator):
                var path = Self.path(to: parent, from: document.tree)
                JSONPath.append(key: Self.key(at: iterator), to: &path)
                return path
            case .named(let name, let parent):
                var path = Self.path(to: parent, from: document.tree)
                JSONPath.append(key: name, to: &path)
                return path
            }
        }
    }

    /// The name of the member `iterator` stands at.
    static func key(at iterator: UnsafeMutableRawPointer) -> String {
        guard let start = json_object_iter_key(iterator) else { return "" }
        let bytes = UnsafeRawBufferPointer(start: start, count: json_object_iter_key_len(iterator))
        return String(decoding: bytes, as: UTF8.self)
    }

    private enum Step {
        case index(Int)
        case key(UnsafeMutableRawPointer)
    }

    private static func path(
        to target: UnsafeMutablePointer<json_t>,
        from root: UnsafeMutablePointer<json_t>
    ) -> String {
        var reversed: [Step] = []
        guard find(target, below: root, &reversed) else { return "" }
        return reversed.reversed().reduce(into: "") { path, step in
            switch step {
            case .index(let index): JSONPath.append(index: index, to: &path)
            case .key(let iterator): JSONPath.append(key: key(at: iterator), to: &path)
            }
        }
    }

    /// Searches depth first, no deeper than jansson parses; on the way back it collects the steps, innermost first.
    private static func find(
        _ target: UnsafeMutablePointer<json_t>,
        below node: UnsafeMutablePointer<json_t>,
        _ reversed: inout [Step]
    ) -> Bool {
        if node == target { return true }
        switch node.pointee.type {
        case JSON_ARRAY: return findInArray(target, node, &reversed)
        case JSON_OBJECT: return findInObject(target, node, &reversed)
        default: return false
        }
    }

    private static func findInArray(
        _ target: UnsafeMutablePointer<json_t>,
        _ array: UnsafeMutablePointer<json_t>,
        _ reversed: inout [Step]
    ) -> Bool {
        for index in 0..<json_array_size(array) {
            guard let element = json_array_get(array, index), find(target, below: element, &reversed) else { continue }
            reversed.append(.index(index))
            return true
        }
        return false
    }

    private static func findInObject(
        _ target: UnsafeMutablePointer<json_t>,
        _ object: UnsafeMutablePointer<json_t>,
        _ reversed: inout [Step]
    ) -> Bool {
        var next = json_object_iter(object)
        while let iterator = next {
            if let member = json_object_iter_value(iterator), find(target, below: member, &reversed) {
                reversed.append(.key(iterator))
                return true
            }
            next = json_object_iter_next(object, iterator)
        }
        return false
    }
}
