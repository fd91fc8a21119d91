/// Nodes whose output is their input vanish: `Identity`, and `Dropout` in inference.
///
/// `Operators.md`, `Dropout`: where `training_mode` is false (version 12, the default), the output is the input; up to version
/// 10 ("test mode") a model without training is always that. A dropout whose mode a request gives, that trains, or whose
/// mask is read stays; so does a node that hands an input, a weight or another output on as an output of the model.
struct PassThrough {
    private var graph: Onnx_GraphProto
    private let context: FormContext
    /// What subgraphs read or write: names that are left alone.
    private var inner: Set<String> = []

    /// `graph` without such nodes; values keep names that the graph already has.
    static func removed(from graph: Onnx_GraphProto, in context: FormContext) throws(CatalogError) -> Onnx_GraphProto {
        guard graph.node.contains(where: { $0.opType == "Identity" || $0.opType == "Dropout" }) else { return graph }
        var pass = PassThrough(graph: graph, context: context)
        for node in graph.node {
            for subgraph in node.subgraphs { try pass.note(subgraph) }
        }
        pass.removeAll()
        return pass.graph
    }

    private init(graph: Onnx_GraphProto, context: FormContext) {
        (self.graph, self.context) = (graph, context)
    }

    private mutating func note(_ subgraph: Onnx_GraphProto) throws(CatalogError) {
        inner.formUnion((subgraph.input + subgraph.output).map(\.name) + subgraph.initializer.map(\.name))
        var names = Set<String>()
        try subgraph.forEachNode { node throws(CatalogError) in names.formUnion(node.input + node.output) }
        inner.formUnion(names)
    }

    private mutating func removeAll() {
        let outputs = Set(graph.output.map(\.name))
        var index = 0
        while index < graph.node.count {
            let node = graph.node[index]
            guard isPassThrough(node), let source = node.input.first, let target = node.output.first, !source.isEmpty,
                !inner.contains(source), !inner.contains(target)
            else {
                index += 1
                continue
            }
            if !outputs.contains(target) {
                graph.node.remove(at: index)
                replaceReads(of: target, by: source)
            } else if !outputs.contains(source), let writer = writer(of: source) {
                graph.node.remove(at: index)
                let place = writer < index ? writer : writer - 1
                graph.node[place].output = graph.node[place].output.map { $0 == source ? target : $0 }
                replaceReads(of: source, by: target)
            } else {
                index += 1
            }
        }
    }

    private func isPassThrough(_ node: Onnx_NodeProto) -> Bool {
        guard node.canonicalDomain.isEmpty, !node.input.isEmpty, !node.output.isEmpty else { return false }
        if node.opType == "Identity" { return true }
        guard node.opType == "Dropout", node.output.dropFirst().allSatisfy({ $0.isEmpty || !isRead($0) }) else {
            return false
        }
        return context.opset < 12 || node.input.count < 3 || node.input[2].isEmpty || context.isFalse(node.input[2])
    }

    private func isRead(_ name: String) -> Bool {
        inner.contains(name) || graph.output.contains { $0.name == name }
            || graph.node.contains { $0.input.contains(name) }
    }

    /// The node that calculates a value, which is no constant.
    private func writer(of name: String) -> Int? {
        graph.node.firstIndex { $0.output.contains(name) && $0.constantTensor == nil }
    }

    private mutating func replaceReads(of name: String, by other: String) {
        for index in graph.node.indices where graph.node[index].input.contains(name) {
            graph.node[index].input = graph.node[index].input.map { $0 == name ? other : $0 }
        }
    }
}
