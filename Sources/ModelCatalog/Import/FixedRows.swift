import ServingCore

/// The number of rows that a file fixes for all that goes in and comes out.
///
/// A node's meaning does not depend on the extents that the file declares (`IR.md`, "Static tensor shapes"): a block whose first
/// dimensions are left open means the same for that number of rows, up to what runtimes round in another order where
/// they know it. The model's own declaration still says what requests may bring.
struct FixedRows {
    /// The number.
    let count: Int

    /// Nil where an input or output has no first dimension of that one extent.
    init?(of model: ONNXModel) {
        let values = model.inputs + model.proto.graph.output
        let extents = values.map { $0.specification?.shape.first ?? -1 }
        guard let first = extents.first, first > 0, Set(extents).count == 1 else { return nil }
        count = first
    }

    /// `proto` with any number of rows, the same for all inputs.
    func freed(_ proto: Onnx_ModelProto) -> Onnx_ModelProto {
        var result = proto
        let weights = Set(proto.graph.initializer.map(\.name) + proto.graph.sparseInitializer.map(\.values.name))
        for index in result.graph.input.indices where !weights.contains(result.graph.input[index].name) {
            guard case .tensorType(var tensor)? = result.graph.input[index].type.value, !tensor.shape.dim.isEmpty else {
                continue
            }
            tensor.shape.dim[0].dimParam = "rows of a request"
            result.graph.input[index].type.tensorType = tensor
        }
        return result
    }
}
