internal import CJansson
public import ServingCore

extension JSONValue {
    /// The text; throws `invalidField` where the value is not a string.
    public func string() throws(ServingError) -> String {
        guard let text = withNode({ Self.text(of: $0) }) else { throw mismatch(expected: "a string") }
        return text
    }

    /// Whether the value is the string `text`, without making a string of it. O(text).
    public func isString(_ text: String) -> Bool {
        withNode { node in
            guard let start = json_string_value(node) else { return false }
            return text.utf8.elementsEqual(UnsafeRawBufferPointer(start: start, count: json_string_length(node)))
        }
    }

    /// The integer, exactly; throws `invalidField` for anything else, also for `1.0`.
    public func int64() throws(ServingError) -> Int64 {
        guard kind == .integer else { throw mismatch(expected: "an integer") }
        return withNode { Int64(json_integer_value($0)) }
    }

    /// The integer, which must lie in `range`; throws `invalidField` otherwise.
    public func integer(in range: ClosedRange<Int>) throws(ServingError) -> Int {
        guard kind == .integer else {
            throw mismatch(expected: "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        let value = Int(withNode { json_integer_value($0) })
        guard range.contains(value) else {
            throw mismatch(expected: "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// The number, rounded where an integer is over 2^53; throws `invalidField` where it is not a number.
    public func double() throws(ServingError) -> Double {
        switch kind {
        case .real: return withNode { json_real_value($0) }
        case .integer: return withNode { Double(json_integer_value($0)) }
        default: throw mismatch(expected: "a number")
        }
    }

    /// The truth value; throws `invalidField` for anything but `true` and `false`.
    public func bool() throws(ServingError) -> Bool {
        guard kind == .bool else { throw mismatch(expected: "true or false") }
        return withNode { $0.pointee.type == JSON_TRUE }
    }

    /// The case whose raw value the string is; throws `invalidField` with all of them where it is none.
    public func enumeration<Enumeration>(_ type: Enumeration.Type) throws(ServingError) -> Enumeration
    where Enumeration: RawRepresentable<String> & CaseIterable {
        let text = try string()
        guard let value = Enumeration(rawValue: text) else {
            let known = Enumeration.allCases.map(\.rawValue).joined(separator: ", ")
            throw error("expected one of \(known), found \"\(text.prefix(64))\"")
        }
        return value
    }

    /// The text of a string node, nil for other nodes.
    static func text(of node: UnsafeMutablePointer<json_t>) -> String? {
        guard let start = json_string_value(node) else { return nil }
        return String(
            decoding: UnsafeRawBufferPointer(start: start, count: json_string_length(node)),
            as: UTF8.self
        )
    }
}
