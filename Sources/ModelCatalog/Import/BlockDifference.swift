/// In what two blocks differ whose weights are the same, in part or all, in words.
enum BlockDifference {
    /// The first of: operators, opset, attributes, shapes, weights, connections.
    static func text(_ own: Onnx_ModelProto, _ other: Onnx_ModelProto) -> String {
        let (left, right) = (own.graph.node.map(\.opType), other.graph.node.map(\.opType))
        if let operators = operators(left, right) { return operators }
        if own.opset != other.opset, let one = own.opset, let two = other.opset { return "opset \(one) against \(two)" }
        if left != right { return "the order of nodes" }
        for (node, twin) in zip(own.graph.node, other.graph.node) {
            if let name = attribute(node, twin) { return "attribute \(name) of \(node.opType)" }
        }
        let (edges, others) = (edges(of: own), edges(of: other))
        if edges != others { return "declared types of inputs or outputs" }
        let (weights, theirs) = (own.graph.initializer, other.graph.initializer)
        guard weights.count == theirs.count else { return "\(weights.count) weights against \(theirs.count)" }
        let changed = zip(weights, theirs).count { $0 != $1 }
        return changed > 0 ? "values of \(changed) of \(weights.count) weights" : "how nodes are connected"
    }

    private static func operators(_ left: [String], _ right: [String]) -> String? {
        var surplus: [String: Int] = [:]
        for name in left { surplus[name, default: 0] += 1 }
        for name in right { surplus[name, default: 0] -= 1 }
        let own = surplus.filter { $0.value > 0 }.keys.sorted()
        let others = surplus.filter { $0.value < 0 }.keys.sorted()
        guard !own.isEmpty || !others.isEmpty else { return nil }
        let words = { (names: [String]) in names.isEmpty ? "none" : names.prefix(3).joined(separator: ", ") }
        return "operators: \(words(own)) against \(words(others))"
    }

    private static func attribute(_ node: Onnx_NodeProto, _ twin: Onnx_NodeProto) -> String? {
        guard node.attribute != twin.attribute else { return nil }
        let names = Set((node.attribute + twin.attribute).map(\.name)).sorted()
        return names.first { name in
            node.attribute.first { $0.name == name } != twin.attribute.first { $0.name == name }
        }
    }

    private static func edges(of model: Onnx_ModelProto) -> [Onnx_TypeProto] {
        (model.graph.input + model.graph.output).map(\.type)
    }
}
