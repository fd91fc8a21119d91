internal import CJansson

/// The members of a JSON object, in no particular order.
public struct JSONMembers: Sequence, IteratorProtocol {
    private let object: JSONValue
    private var iterator: UnsafeMutableRawPointer?
    /// How many members the object has.
    public let count: Int

    init(object: JSONValue) {
        self.object = object
        count = object.withNode { json_object_size($0) }
        iterator = object.withNode { json_object_iter($0) }
    }

    /// The next member, or nil after the last.
    public mutating func next() -> (name: String, value: JSONValue)? {
        guard let current = iterator else { return nil }
        defer { iterator = object.withNode { json_object_iter_next($0, current) } }
        return object.withNode { node in
            guard let member = json_object_iter_value(current) else { return nil }
            let place = JSONValue.Place.member(of: node, iterator: current)
            return (JSONValue.key(at: current), JSONValue(document: object.document, node: member, place: place))
        }
    }
}
