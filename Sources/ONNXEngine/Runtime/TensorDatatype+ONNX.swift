import CONNXRuntime
import ServingCore

extension TensorDatatype {
    /// The datatype ONNX Runtime calls `type`; nil for one the Open Inference Protocol has no name for.
    init?(_ type: ONNXTensorElementDataType) {
        guard let datatype = Self.allCases.first(where: { $0.elementType == type }) else { return nil }
        self = datatype
    }

    /// ONNX Runtime's name for the datatype.
    var elementType: ONNXTensorElementDataType {
        switch self {
        case .bool: ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL
        case .uint8: ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8
        case .uint16: ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16
        case .uint32: ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32
        case .uint64: ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64
        case .int8: ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8
        case .int16: ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16
        case .int32: ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32
        case .int64: ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64
        case .float16: ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16
        case .bfloat16: ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16
        case .float32: ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT
        case .float64: ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE
        case .bytes: ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING
        }
    }
}
