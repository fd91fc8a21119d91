/// A tensor element type, by its Open Inference Protocol name.
public enum TensorDatatype: String, CaseIterable, Hashable, Sendable {
    /// One byte, 0 or 1.
    case bool = "BOOL"
    /// Unsigned 8-bit integer.
    case uint8 = "UINT8"
    /// Unsigned 16-bit integer.
    case uint16 = "UINT16"
    /// Unsigned 32-bit integer.
    case uint32 = "UINT32"
    /// Unsigned 64-bit integer.
    case uint64 = "UINT64"
    /// Signed 8-bit integer.
    case int8 = "INT8"
    /// Signed 16-bit integer.
    case int16 = "INT16"
    /// Signed 32-bit integer.
    case int32 = "INT32"
    /// Signed 64-bit integer.
    case int64 = "INT64"
    /// IEEE half precision; binary form only.
    case float16 = "FP16"
    /// Brain floating point; binary form only.
    case bfloat16 = "BF16"
    /// IEEE single precision.
    case float32 = "FP32"
    /// IEEE double precision.
    case float64 = "FP64"
    /// Byte strings, each a 4-byte little-endian length and that many bytes.
    case bytes = "BYTES"

    /// Bytes of one element, nil where elements differ in length (``bytes``).
    public var elementSize: Int? {
        switch self {
        case .bool, .uint8, .int8: 1
        case .uint16, .int16, .float16, .bfloat16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .bytes: nil
        }
    }

    /// Whether the protocol has a JSON form for elements of this type.
    public var hasJSONForm: Bool { self != .float16 && self != .bfloat16 }
}
