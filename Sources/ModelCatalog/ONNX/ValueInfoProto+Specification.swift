import ServingCore

extension Onnx_ValueInfoProto {
    /// What the file declares of a value; nil where it is no tensor of a known datatype with a known rank.
    var specification: TensorSpecification? {
        guard case .tensorType(let tensor)? = type.value, tensor.hasShape,
            let datatype = TensorDatatype(elementType: tensor.elemType)
        else { return nil }
        return TensorSpecification(name: name, datatype: datatype, shape: tensor.shape.dim.map(\.extent))
    }

    /// A declaration in canonical form: every dimension that varies is left without value and name.
    init(_ specification: TensorSpecification, named name: String) {
        self.init()
        self.name = name
        var tensor = Onnx_TypeProto.Tensor()
        tensor.elemType = Int32(specification.datatype.elementType.rawValue)
        tensor.shape = Onnx_TensorShapeProto()
        tensor.shape.dim = specification.shape.map { extent in
            var dimension = Onnx_TensorShapeProto.Dimension()
            if extent >= 0 { dimension.dimValue = Int64(extent) }
            return dimension
        }
        type.tensorType = tensor
    }
}

extension Onnx_TensorShapeProto.Dimension {
    /// The extent, -1 where it varies; exporters also write a negative value for that.
    var extent: Int {
        guard case .dimValue(let value)? = value, value >= 0 else { return -1 }
        return Int(value)
    }
}
