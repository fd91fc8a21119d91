/// Operators that end the process where a tensor has no elements: ONNX Runtime looks at elements that are not there, or divides
/// by how many there are.
///
/// Found by running every operator that it has, each in a process of its own, on tensors without rows, columns or steps.
enum EmptyTensors {
    private static let fatal: [String: Set<String>] = [
        "": ["ConvTranspose", "GRU", "LSTM", "STFT", "Unique"],
        "com.microsoft": ["QAttention", "SkipLayerNormalization", "SkipSimplifiedLayerNormalization"],
    ]

    /// Whether `model` has such an operator, so that requests must not bring it tensors without elements.
    ///
    /// Empty tensors that come about inside the model are not known of here.
    static func areFatal(to model: ONNXModel) throws(CatalogError) -> Bool {
        var found = false
        let note = { (node: Onnx_NodeProto) throws(CatalogError) in
            if fatal[node.canonicalDomain]?.contains(node.opType) == true { found = true }
        }
        try model.proto.graph.forEachNode(note)
        for function in model.proto.functions {
            var body = Onnx_GraphProto()
            body.node = function.node
            try body.forEachNode(note)
        }
        return found
    }
}
