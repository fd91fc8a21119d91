/// In what two blocks differ whose weights are the same, in part or all, in words.
enum BlockDifference {
    /// The first of: operators, opset, attributes, shapes, weights, connections.
    static func text(_ own: Onnx_ModelProto, _ other: Onnx_ModelProto) -> String {
        if let form = form(own, other) { return form }
        let (weights, theirs) = (own.graph.initializer, other.graph.initializer)
        guard weights.count == theirs.count else { return "\(weights.count) weights against \(theirs.count)" }
        let changed = zip(weights, theirs).count { $0 != $1 }
        return changed > 0 ? "values of \(changed) of \(weights.count) weights" : "how nodes are connected"
    }

    /// The first of: operators, opset, attributes, shapes; nil where these are the same.
    static func form(_ own: Onnx_ModelProto, _ other: Onnx_ModelProto) -> String? {
        let (left, right) = (own.graph.node.map(\.opType), other.graph.node.map(\.opType))
        if let operators = operators(left, right) { return operators }
        if own.opset != other.opset, let one = own.opset, let two = other.opset { return "opset \(one) against \(two)" }
        if left != right { return "the order of nodes" }
        for (node, twin) in zip(own.graph.node, other.graph.node) {
            if let attribute = attribute(node, twin) { return attribute }
        }
        return edge(own.graph.input, other.graph.input, "input") ?? edge(own.graph.output, other.graph.output, "output")
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
        for name in Set((node.attribute + twin.attribute).map(\.name)).sorted() {
            let (one, other) = (node.attribute.first { $0.name == name }, twin.attribute.first { $0.name == name })
            guard one != other else { continue }
            let sides = [one, other].map { $0.map { $0.shortText } ?? "none" }
            let values = sides.contains { $0.isEmpty } ? "" : ": \(sides[0]) against \(sides[1])"
            return "attribute \(name) of \(node.opType)\(values)"
        }
        return nil
    }

    /// The first input or output whose declared type or shape is another.
    private static func edge(
        _ own: [Onnx_ValueInfoProto],
        _ others: [Onnx_ValueInfoProto],
        _ kind: String
    ) -> String? {
        guard own.count == others.count else { return "\(own.count) \(kind)s against \(others.count)" }
        guard let (left, right) = zip(own, others).first(where: { $0.type != $1.type }) else { return nil }
        guard let one = shape(left), let two = shape(right), one != two else {
            return "the declared type of an \(kind)"
        }
        let isBatch = one.count == two.count && one.dropFirst() == two.dropFirst()
        return "the declared \(isBatch ? "batch" : "shape") of an \(kind): \(words(one)) against \(words(two))"
    }

    private static func shape(_ value: Onnx_ValueInfoProto) -> [Int]? {
        guard case .tensorType(let tensor)? = value.type.value, tensor.hasShape else { return nil }
        return tensor.shape.dim.map(\.extent)
    }

    private static func words(_ shape: [Int]) -> String {
        "[" + shape.map { $0 < 0 ? "any" : "\($0)" }.joined(separator: ", ") + "]"
    }
}

extension Onnx_AttributeProto {
    /// The value where it is a number, a text or a list of a few; else empty.
    fileprivate var shortText: String {
        switch type {
        case .int: "\(i)"
        case .float: "\(f)"
        case .string where s.count <= 32: String(decoding: s, as: UTF8.self)
        case .ints where ints.count <= 8: "\(ints)"
        case .floats where floats.count <= 8: "\(floats)"
        default: ""
        }
    }
}
