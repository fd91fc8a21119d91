internal import CJansson

/// The elements of a JSON array, in order.
public struct JSONElements: Sequence, IteratorProtocol {
    private let array: JSONValue
    private var index = 0
    /// How many elements the array has.
    public let count: Int

    init(array: JSONValue) {
        self.array = array
        count = array.withNode { array.document.numberArray($0)?.numbers.count ?? json_array_size($0) }
    }

    /// The next element, or nil after the last.
    public mutating func next() -> JSONValue? {
        // Not before: whoever finds the count wrong needs no elements.
        if index == 0 { array.document.materialize(array.node) }
        let index = index
        self.index += 1
        return array.withNode { node in
            guard let element = json_array_get(node, index) else { return nil }
            return JSONValue(document: array.document, node: element, place: .element(of: node, index: index))
        }
    }
}
