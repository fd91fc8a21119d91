internal import CJansson
public import ServingCore

/// One value of a ``JSONDocument``, which it keeps alive; it knows its place, but writes its path only for an error.
public struct JSONValue {
    /// Where a value hangs. The parent is needed because jansson has one shared `true`, `false` and `null`.
    enum Place {
        case root
        case element(of: UnsafeMutablePointer<json_t>, index: Int)
        case member(of: UnsafeMutablePointer<json_t>, iterator: UnsafeMutableRawPointer)
        case named(String, of: UnsafeMutablePointer<json_t>)
    }

    let document: JSONDocument
    let node: UnsafeMutablePointer<json_t>
    let place: Place

    /// What kind of value it is.
    public var kind: JSONKind { withNode { JSONKind($0.pointee.type) } }

    /// Whether it is `null`.
    public var isNull: Bool { kind == .null }

    /// Calls `body` with the node while the document is certain to live.
    func withNode<Output>(
        _ body: (UnsafeMutablePointer<json_t>) throws(ServingError) -> Output
    ) throws(ServingError) -> Output {
        defer { withExtendedLifetime(document) {} }
        return try body(node)
    }

    /// Calls `body`, which does not throw, with the node while the document is certain to live.
    func withNode<Output>(_ body: (UnsafeMutablePointer<json_t>) -> Output) -> Output {
        defer { withExtendedLifetime(document) {} }
        return body(node)
    }

    /// An `invalidField` error at this value.
    public func error(_ message: String) -> ServingError {
        ServingError(.invalidField, message, field: path)
    }

    /// An `invalidField` error at this object's member `name`, which need not exist.
    public func error(member name: String, _ message: String) -> ServingError {
        var field = path ?? ""
        JSONPath.append(key: name, to: &field)
        return ServingError(.invalidField, message, field: field)
    }

    /// The error of a value of the wrong kind: what was expected, and what was found.
    func mismatch(expected: String) -> ServingError {
        error("expected \(expected), found \(found)")
    }

    private var found: String {
        switch kind {
        case .integer: withNode { "\(json_integer_value($0))" }
        case .real: withNode { "\(json_real_value($0))" }
        case .bool: withNode { $0.pointee.type == JSON_TRUE ? "true" : "false" }
        case let other: other.noun
        }
    }
}
