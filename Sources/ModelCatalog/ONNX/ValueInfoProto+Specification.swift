import ServingCore

extension Onnx_ValueInfoProto {
    /// What the file declares of a value; nil where it is no tensor of a known datatype with a known rank.
    var specification: TensorSpecification? {
        guard case .tensorType(let tensor)? = type.value, tensor.hasShape,
            let datatype = TensorDatatype(elementType: tensor.elemType)
        else { return nil }
        return TensorSpecification(
            name: name,
            datatype: datatype,
            shape: tensor.shape.dim.map(\.extent),
            dimensionNames: tensor.shape.dim.contains { !$0.extentName.isEmpty }
                ? tensor.shape.dim.map(\.extentName) : []
        )
    }

    /// Why the value cannot be an input or output of a model that is served, as far as its type tells.
    var obstacle: String? {
        switch type.value {
        case .tensorType(let tensor):
            guard tensor.elemType != 0, TensorDatatype(elementType: tensor.elemType) == nil else { return nil }
            let name = TensorDatatype.onnxName(ofElementType: tensor.elemType)
            return "is a tensor of \(name), a type that the Open Inference Protocol has no name for"
        case .sequenceType(let sequence):
            guard case .mapType? = sequence.elemType.value else { return "is a sequence, and only tensors are served" }
            return "is a sequence of maps, and only tensors are served: export the model without ZipMap "
                + "(skl2onnx: options={'zipmap': False})"
        case .mapType:
            return "is a map, and only tensors are served: export the model without ZipMap "
                + "(skl2onnx: options={'zipmap': False})"
        case .optionalType: return "is an optional value, and only tensors are served"
        case .sparseTensorType: return "is a sparse tensor, and only dense ones are served"
        case .opaqueType: return "is of an opaque type, and only tensors are served"
        case nil: return nil
        }
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

    /// The name of a dimension that varies; empty where it has none.
    ///
    /// Some exporters write one word for every dimension they do not know: such words say nothing.
    var extentName: String {
        guard case .dimParam(let name)? = value else { return "" }
        let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
        let isWord = name.utf8.contains { letters.contains($0 & 0xDF) || $0 == UInt8(ascii: "%") }
        return isWord && !Self.unknown.contains(name.lowercased()) ? name : ""
    }

    private static let unknown: Set = ["none", "unknown", "unk", "dynamic", "null", "nan", "any"]
}
