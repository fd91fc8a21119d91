public import JSONCoding
public import ServingCore

/// The value of a request's or an answer's parameter: the protocol allows text, numbers and truth values.
public enum ParameterValue: Hashable, Sendable, JSONWritable {
    /// Text.
    case string(String)
    /// A number without fraction.
    case integer(Int64)
    /// A number; one that is not finite is written as `null`.
    case number(Double)
    /// True or false.
    case bool(Bool)

    /// Reads a parameter's value; throws `invalidField` for an object, an array or `null`.
    public init(_ value: JSONValue) throws(ServingError) {
        switch value.kind {
        case .string: self = .string(try value.string())
        case .integer: self = .integer(try value.int64())
        case .real: self = .number(try value.double())
        case .bool: self = .bool(try value.bool())
        case .object, .array, .null: throw value.error("a parameter is a string, a number or a boolean")
        }
    }

    /// Writes the value.
    public func write(to writer: inout JSONWriter) {
        switch self {
        case .string(let value): writer.string(value)
        case .integer(let value): writer.integer(value)
        case .number(let value): writer.numberOrNull(value)
        case .bool(let value): writer.bool(value)
        }
    }
}
