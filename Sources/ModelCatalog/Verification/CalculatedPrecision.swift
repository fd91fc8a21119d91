/// How exactly a model calculates, which its outputs' type does not tell: converters to half precision leave inputs and
/// outputs in single precision.
enum CalculatedPrecision {
    /// How far two runs of `model` that round at other places may be apart.
    static func tolerance(of model: Onnx_ModelProto) throws(CatalogError) -> Double {
        let types = try calculated(in: model.graph)
        if types.contains(code(.bfloat16)) { return TensorComparison.bfloatTolerance }
        if types.contains(code(.float16)) { return TensorComparison.halfTolerance }
        return ImportVerification.tolerance
    }

    /// The element types of inputs, of what casts make, and of weights that are not only stored in them.
    private static func calculated(in graph: Onnx_GraphProto) throws(CatalogError) -> Set<Int32> {
        var found = Set((graph.input + graph.output).map(\.type.tensorType.elemType))
        let constants = graph.initializer + graph.node.compactMap(\.constantTensor)
        let types = Dictionary(constants.map { ($0.name, $0.dataType) }) { first, _ in first }
        try graph.forEachNode { node throws(CatalogError) in
            if node.opType == "Cast" {
                for attribute in node.attribute where attribute.name == "to" {
                    found.insert(Int32(clamping: attribute.i))
                }
            } else if node.opType != "DequantizeLinear" {
                found.formUnion(node.input.compactMap { types[$0] })
            }
        }
        return found
    }

    private static func code(_ type: Onnx_TensorProto.DataType) -> Int32 { Int32(type.rawValue) }
}
