internal import CJansson

/// What kind of value a ``JSONValue`` is.
public enum JSONKind: Hashable, Sendable {
    /// Members by name.
    case object
    /// Values in order.
    case array
    /// Text.
    case string
    /// A number written without fraction and exponent.
    case integer
    /// A number written with fraction or exponent.
    case real
    /// `true` or `false`.
    case bool
    /// `null`.
    case null

    init(_ type: json_type) {
        switch type {
        case JSON_OBJECT: self = .object
        case JSON_ARRAY: self = .array
        case JSON_STRING: self = .string
        case JSON_INTEGER: self = .integer
        case JSON_REAL: self = .real
        case JSON_TRUE, JSON_FALSE: self = .bool
        default: self = .null
        }
    }

    /// The kind as error messages name it.
    var noun: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .integer: "an integer"
        case .real: "a number with a fraction or exponent"
        case .bool: "a boolean"
        case .null: "null"
        }
    }
}
