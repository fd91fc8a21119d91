import ServingCore

/// Operators that end the process where an input has a certain value: ONNX Runtime divides by it unseen.
///
/// Such an input has to be known at import, so that no request can bring the value.
struct FatalOperators {
    private let model: ONNXModel
    /// Values that are the same for every request, in all graphs.
    private var constants: [String: ConstantShape?] = [:]

    /// Looks at `model`.
    init(of model: ONNXModel) throws(CatalogError) {
        self.model = model
        note(model.proto.graph)
    }

    /// Throws `unsupportedModel`, naming the node, where a request could end the process.
    func check() throws(CatalogError) {
        try model.proto.graph.forEachNode { node throws(CatalogError) in try check(node) }
        for function in model.proto.functions {
            var body = Onnx_GraphProto()
            body.node = function.node
            try body.forEachNode { node throws(CatalogError) in
                guard node.opType == "STFT", node.canonicalDomain.isEmpty else { return }
                throw refusal(node, "in a function, where its frame length is not known")
            }
        }
    }

    /// ONNX Runtime's STFT divides by the length of a frame, which is that of the window where none is given.
    private func check(_ node: Onnx_NodeProto) throws(CatalogError) {
        guard node.opType == "STFT", node.canonicalDomain.isEmpty else { return }
        if node.input.count > 3, !node.input[3].isEmpty {
            guard let length = constants[node.input[3]] else {
                throw refusal(node, "takes its frame length from the request, where it may be 0")
            }
            guard let known = length?.integers else { return }
            guard known.allSatisfy({ $0 > 0 }) else { throw refusal(node, "has a frame length of \(known.first ?? 0)") }
        } else if node.input.count > 2, !node.input[2].isEmpty {
            guard let window = constants[node.input[2]] else {
                if hasFixedLength(node.input[2]) { return }
                throw refusal(node, "takes its window from the request, where it may be empty")
            }
            if let known = window, known.dimensions.contains(0) { throw refusal(node, "has an empty window") }
        } else {
            throw refusal(node, "has neither a frame length nor a window")
        }
    }

    private func hasFixedLength(_ name: String) -> Bool {
        let input = model.inputs.first { $0.name == name }?.specification
        return input.map { $0.shape.count == 1 && $0.shape[0] > 0 } ?? false
    }

    private func refusal(_ node: Onnx_NodeProto, _ what: String) -> CatalogError {
        CatalogError(
            .unsupportedModel,
            "\(node.label) \(what): the engine divides by it, which would end the process; make it a constant of 1 or more"
        )
    }

    /// Notes the constants of `graph` and of the graphs inside it: initialisers, and what is calculated from constants alone.
    private mutating func note(_ graph: Onnx_GraphProto) {
        let initializers = GraphInitializers(graph)
        for tensor in graph.initializer { constants[tensor.name] = .some(initializers.constant(tensor.name)) }
        for tensor in graph.sparseInitializer { constants[tensor.values.name] = .some(nil) }
        for node in graph.node {
            for subgraph in node.subgraphs { note(subgraph) }
            if let tensor = node.constantTensor {
                var single = Onnx_GraphProto()
                single.initializer = [tensor]
                constants[tensor.name] = .some(GraphInitializers(single).constant(tensor.name))
            } else if node.subgraphs.isEmpty, node.input.allSatisfy({ $0.isEmpty || constants[$0] != nil }) {
                for name in node.output where !name.isEmpty { constants[name] = .some(nil) }
            }
        }
    }
}
