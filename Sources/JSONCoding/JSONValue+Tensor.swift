public import ServingCore

extension JSONValue {
    /// The elements of a tensor, read straight into the wire layout: little-endian and row-major.
    ///
    /// The value is one flat array of all elements, or arrays nested as `shape` says. Integers must be in the type's
    /// range and written without fraction, FP32 must not overflow, BOOL is `true`, `false`, 0 or 1. Throws
    /// `invalidField` with the path of the first element that does not fit. O(elements).
    public func tensorData(datatype: TensorDatatype, shape: [Int]) throws(ServingError) -> ByteRegion {
        guard datatype.hasJSONForm else {
            throw error("\(datatype.rawValue) has no JSON form: send the tensor as binary data")
        }
        let rows = try JSONTensorRows(of: self, shape: shape)
        return switch datatype {
        case .bool: try rows.numbers(expected: "true or false", Self.boolean)
        case .uint8: try rows.integers(UInt8.self)
        case .uint16: try rows.integers(UInt16.self)
        case .uint32: try rows.integers(UInt32.self)
        case .uint64: try rows.integers(UInt64.self)
        case .int8: try rows.integers(Int8.self)
        case .int16: try rows.integers(Int16.self)
        case .int32: try rows.integers(Int32.self)
        case .int64: try rows.integers(Int64.self)
        case .float32: try rows.numbers(expected: "a number in the range of FP32") { Self.float32($0) }
        case .float64: try rows.numbers(expected: "a number") { Self.float64($0) }
        case .bytes: try rows.strings()
        case .float16, .bfloat16: .empty
        }
    }

    private static func boolean(_ scalar: JSONScalar) -> UInt8? {
        switch scalar {
        case .bool(let value): value ? 1 : 0
        case .integer(0): 0
        case .integer(1): 1
        default: nil
        }
    }

    @inline(__always)
    private static func float32(_ scalar: JSONScalar) -> Float? {
        guard let value = float64(scalar) else { return nil }
        let rounded = Float(value)
        return rounded.isFinite ? rounded : nil
    }

    @inline(__always)
    private static func float64(_ scalar: JSONScalar) -> Double? {
        switch scalar {
        case .real(let value): value
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .bool: nil
        }
    }
}
