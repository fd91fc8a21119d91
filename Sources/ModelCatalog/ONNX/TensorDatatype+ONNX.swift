public import ServingCore

extension TensorDatatype {
    /// The datatype of an ONNX element type number, nil for those the protocol has no name for.
    init?(elementType: Int32) {
        guard let type = Onnx_TensorProto.DataType(rawValue: Int(elementType)) else { return nil }
        guard let match = Self.allCases.first(where: { $0.elementType == type }) else { return nil }
        self = match
    }

    /// What ONNX calls an element type, such as `FLOAT8E4M3FN`; the number where it is not known here.
    public static func onnxName(ofElementType number: Int32) -> String {
        Onnx_TensorProto.DataType(rawValue: Int(number)).map { "\($0)".uppercased() } ?? "ONNX's element type \(number)"
    }

    /// The element type in ONNX's numbering.
    var elementType: Onnx_TensorProto.DataType {
        switch self {
        case .bool: .bool
        case .uint8: .uint8
        case .uint16: .uint16
        case .uint32: .uint32
        case .uint64: .uint64
        case .int8: .int8
        case .int16: .int16
        case .int32: .int32
        case .int64: .int64
        case .float16: .float16
        case .bfloat16: .bfloat16
        case .float32: .float
        case .float64: .double
        case .bytes: .string
        }
    }
}
