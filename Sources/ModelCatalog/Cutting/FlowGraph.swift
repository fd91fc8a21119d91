/// A model's main graph, divided into what depends on the request (the flow) and what does not (the parameters).
///
/// Parameters are initialisers, `Constant` nodes and everything calculated from those alone. Nodes that no output
/// depends on are left out. Of the flow, what is calculated from the inputs without any layer's weights (masks,
/// positions, shapes) is preparation: any part of the model may read it, and calculate it anew.
struct FlowGraph {
    /// The graph's nodes, without `Constant` nodes.
    let nodes: NodeGraph
    /// The initialisers; `Constant` nodes count as such.
    let initializers: GraphInitializers
    /// The local functions.
    let functions: FunctionLibrary
    /// The inputs that have no initialiser.
    let inputs: [String]
    /// The outputs.
    let outputs: [String]
    /// The nodes of the flow that outputs depend on, each after those it depends on itself.
    let flow: [Int]
    /// The nodes of the flow that are more than preparation, in the same order.
    private(set) var layers: [Int] = []
    /// The layers that hold weights.
    private(set) var weighted: Set<Int> = []
    private let parameterNodes: Set<Int>
    private var preparation: Set<Int> = []
    private var near: Set<String> = []
    /// Preparation that is read this many layers with weights after the start, and no further, is part of the start.
    private static let nearDepth = 4

    /// Reads the main graph of `model`; throws where a value is written twice, written by nobody, or by itself.
    init(_ model: ONNXModel) throws(CatalogError) {
        let graph = model.proto.graph
        let constants = graph.node.compactMap(\.constantTensor)
        nodes = try NodeGraph(graph.node.filter { $0.constantTensor == nil })
        initializers = try GraphInitializers(graph, constants: constants, besides: nodes.producers)
        functions = try FunctionLibrary(model.proto.functions)
        inputs = model.inputs.map(\.name)
        outputs = graph.output.map(\.name)
        let order = try nodes.order(reaching: outputs)
        parameterNodes = Self.parameterNodes(in: order, of: nodes, initializers: initializers, functions: functions)
        flow = order.filter { [parameterNodes] in !parameterNodes.contains($0) }
        try checkReads(of: order)
        for node in flow {
            if try isPreparation(node) { preparation.insert(node) } else { layers.append(node) }
        }
        for node in layers where try carriesWeights(node) { weighted.insert(node) }
        near = nearPreparation()
    }

    /// Whether a value is the same for every request.
    func isParameter(_ name: String) -> Bool {
        initializers.contains(name) || nodes.producers[name].map(parameterNodes.contains) ?? false
    }

    /// Whether a value is an input, or calculated from inputs without any layer's weights.
    func isPreparation(_ name: String) -> Bool {
        guard !isParameter(name) else { return false }
        return nodes.producers[name].map(preparation.contains) ?? true
    }

    /// Inputs and preparation that a layer reads as the start of the flow, such as what a first residual layer adds.
    ///
    /// What is read far from the start too, as a mask is by every layer, is not among them.
    func nearReads(of node: Int) -> [String] { nodes.reads[node].filter(near.contains) }

    /// The values of the flow that a node reads, without preparation.
    func layerReads(of node: Int) -> [String] {
        nodes.reads[node].filter { !isParameter($0) && !isPreparation($0) }
    }

    /// Whether a value of the flow is what a quantised one stands for.
    ///
    /// Such a value crosses no cut, the quantised one does: so a `QuantizeLinear` stays with what it rounds, a
    /// `DequantizeLinear` with what reads it, and runtimes calculate between the two in integers as they do in the whole model.
    func isDequantized(_ name: String) -> Bool {
        guard let producer = nodes.producers[name], !isParameter(name) else { return false }
        return nodes.nodes[producer].opType == "DequantizeLinear"
    }

    /// The values a node writes.
    func writes(of node: Int) -> [String] { nodes.nodes[node].output.filter { !$0.isEmpty } }

    /// Whether a node holds a layer's weights: in its parameters, its attributes, its subgraphs or its function.
    func carriesWeights(_ index: Int) throws(CatalogError) -> Bool {
        let node = nodes.nodes[index]
        if node.hasWeightAttributes || node.weightInputs?.contains(where: isParameter) ?? false { return true }
        if let function = functions[node] { return function.holdsWeights || readsMatrix(node) }
        if !node.isStandard { return readsMatrix(node) }
        guard !node.subgraphs.isEmpty else { return false }
        if nodes.reads[index].contains(where: isParameter) { return true }
        for subgraph in node.subgraphs where try subgraph.parameterByteCount() > 0 { return true }
        return false
    }

    /// Of operators whose inputs are not known here, matrices are taken for weights, vectors for settings.
    private func readsMatrix(_ node: Onnx_NodeProto) -> Bool {
        node.input.contains { name in
            if let rank = initializers.rank(of: name) { return rank >= 2 }
            return !name.isEmpty && isParameter(name)
        }
    }

    private func isPreparation(_ node: Int) throws(CatalogError) -> Bool {
        guard nodes.nodes[node].isRepeatable(functions), try !carriesWeights(node) else { return false }
        return nodes.reads[node].allSatisfy { isParameter($0) || isPreparation($0) }
    }

    private func nearPreparation() -> Set<String> {
        var depthOfValue: [String: Int] = [:]
        var depthOfReader: [String: Int] = [:]
        for node in layers {
            let depth = layerReads(of: node).reduce(0) { max($0, depthOfValue[$1] ?? 0) }
            for name in nodes.reads[node] where isPreparation(name) {
                depthOfReader[name] = max(depthOfReader[name] ?? 0, depth)
            }
            for name in writes(of: node) { depthOfValue[name] = depth + (weighted.contains(node) ? 1 : 0) }
        }
        return Set(depthOfReader.filter { $0.value <= Self.nearDepth }.keys)
    }

    private static func parameterNodes(
        in order: [Int],
        of nodes: NodeGraph,
        initializers: GraphInitializers,
        functions: FunctionLibrary
    ) -> Set<Int> {
        var result = Set<Int>()
        for node in order where nodes.nodes[node].isRepeatable(functions) {
            let isConstant = nodes.reads[node].allSatisfy { name in
                initializers.contains(name) || nodes.producers[name].map(result.contains) ?? false
            }
            if isConstant { result.insert(node) }
        }
        return result
    }

    private func checkReads(of order: [Int]) throws(CatalogError) {
        let known = Set(inputs)
        for node in order {
            for name in nodes.reads[node] {
                guard initializers.contains(name) || nodes.producers[name] != nil || known.contains(name) else {
                    throw CatalogError(
                        .invalidModel,
                        "\(nodes.nodes[node].label) reads '\(name)', which nothing writes"
                    )
                }
            }
        }
    }
}
