import FoundationEssentials

/// Small constants of integers with the same type, shape and elements are one: shapes, axes, indices.
///
/// A node reads what a name stands for (`IR.md`, "Names Within a Graph"), not the name. Only integers, which say how things are
/// calculated: what runtimes do with a layer's weights may depend on whether other nodes read them, too.
enum EqualSettings {
    /// Constants of more bytes are weights.
    private static let byteLimit = 512

    private struct Key: Hashable {
        let type: Int32
        let extents: [Int64]
        let elements: Data
    }

    /// `graph` in which nodes read the first of equal constants; those of subgraphs stay as they are.
    static func merged(in graph: Onnx_GraphProto) -> Onnx_GraphProto {
        var firsts: [Key: String] = [:]
        var renamed: [String: String] = [:]
        for tensor in graph.initializer + graph.node.compactMap(\.constantTensor) {
            guard let key = key(of: tensor) else { continue }
            if let first = firsts[key] { renamed[tensor.name] = first } else { firsts[key] = tensor.name }
        }
        guard !renamed.isEmpty else { return graph }
        var result = graph
        for index in result.node.indices where result.node[index].input.contains(where: { renamed[$0] != nil }) {
            result.node[index].input = result.node[index].input.map { renamed[$0] ?? $0 }
        }
        return result
    }

    private static func key(of tensor: Onnx_TensorProto) -> Key? {
        let integers: [Onnx_TensorProto.DataType] = [.int64, .int32]
        guard integers.contains(where: { Int32($0.rawValue) == tensor.dataType }), !tensor.isExternal,
            tensor.storedByteCount <= byteLimit, let dense = try? tensor.dense()
        else { return nil }
        return Key(type: tensor.dataType, extents: tensor.dims, elements: dense.rawData)
    }
}
