/// A model's main graph, divided into what depends on the request (the flow) and what does not (the parameters).
///
/// Parameters are initialisers, `Constant` nodes and everything calculated from those alone. Nodes that no output
/// depends on are left out.
struct FlowGraph {
    /// The graph's nodes, without `Constant` nodes.
    let nodes: NodeGraph
    /// The initialisers by name; `Constant` nodes count as such.
    let initializers: [String: Onnx_TensorProto]
    /// The inputs that have no initialiser.
    let inputs: [String]
    /// The outputs.
    let outputs: [String]
    /// The nodes of the flow that outputs depend on, each after those it depends on itself.
    let flow: [Int]
    private let parameterNodes: Set<Int>

    /// Reads the main graph of `model`; throws where a value is written twice, written by nobody, or by itself.
    init(_ model: ONNXModel) throws(CatalogError) {
        let graph = model.proto.graph
        let constants = graph.node.compactMap(\.constantTensor)
        nodes = try NodeGraph(graph.node.filter { $0.constantTensor == nil })
        initializers = try Self.byName(graph.initializer + constants, besides: nodes)
        inputs = model.inputs.map(\.name)
        outputs = graph.output.map(\.name)
        let order = try nodes.order(reaching: outputs)
        parameterNodes = Self.parameterNodes(in: order, of: nodes, initializers: initializers)
        flow = order.filter { [parameterNodes] in !parameterNodes.contains($0) }
        try checkReads(of: order)
    }

    /// Whether a value is the same for every request.
    func isParameter(_ name: String) -> Bool {
        initializers[name] != nil || nodes.producers[name].map(parameterNodes.contains) ?? false
    }

    /// The values of the flow that a node reads.
    func flowReads(of node: Int) -> [String] { nodes.reads[node].filter { !isParameter($0) } }

    private static func byName(
        _ tensors: [Onnx_TensorProto],
        besides nodes: NodeGraph
    ) throws(CatalogError) -> [String: Onnx_TensorProto] {
        var result: [String: Onnx_TensorProto] = [:]
        for tensor in tensors {
            guard nodes.producers[tensor.name] == nil, result.updateValue(tensor, forKey: tensor.name) == nil else {
                throw CatalogError(.invalidModel, "value '\(tensor.name)' is defined twice")
            }
        }
        return result
    }

    private static func parameterNodes(
        in order: [Int],
        of nodes: NodeGraph,
        initializers: [String: Onnx_TensorProto]
    ) -> Set<Int> {
        var result = Set<Int>()
        for node in order where nodes.nodes[node].isRepeatable {
            let isConstant = nodes.reads[node].allSatisfy { name in
                initializers[name] != nil || nodes.producers[name].map(result.contains) ?? false
            }
            if isConstant { result.insert(node) }
        }
        return result
    }

    private func checkReads(of order: [Int]) throws(CatalogError) {
        let known = Set(inputs)
        for node in order {
            for name in nodes.reads[node] {
                guard initializers[name] != nil || nodes.producers[name] != nil || known.contains(name) else {
                    throw CatalogError(
                        .invalidModel,
                        "\(nodes.nodes[node].label) reads '\(name)', which nothing writes"
                    )
                }
            }
        }
    }
}
