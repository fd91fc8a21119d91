extension Onnx_TypeProto {
    /// The type without names of dimensions and without denotations, which only people read.
    var anonymous: Onnx_TypeProto {
        var result = Onnx_TypeProto()
        switch value {
        case .tensorType(var tensor):
            if tensor.hasShape { tensor.shape = tensor.shape.anonymous }
            result.tensorType = tensor
        case .sparseTensorType(var tensor):
            if tensor.hasShape { tensor.shape = tensor.shape.anonymous }
            result.sparseTensorType = tensor
        case .sequenceType(var sequence):
            sequence.elemType = sequence.elemType.anonymous
            result.sequenceType = sequence
        case .optionalType(var optional):
            optional.elemType = optional.elemType.anonymous
            result.optionalType = optional
        case .mapType(var map):
            map.valueType = map.valueType.anonymous
            result.mapType = map
        case .opaqueType(let opaque):
            result.opaqueType = opaque
        case nil:
            break
        }
        return result
    }
}

extension Onnx_TensorShapeProto {
    fileprivate var anonymous: Onnx_TensorShapeProto {
        var result = Onnx_TensorShapeProto()
        result.dim = dim.map { dimension in
            var unnamed = Onnx_TensorShapeProto.Dimension()
            if dimension.extent >= 0 { unnamed.dimValue = Int64(dimension.extent) }
            return unnamed
        }
        return result
    }
}
