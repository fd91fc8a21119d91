import FoundationEssentials

/// Rewrites a graph by what is known of shapes, node by node in the file's order.
struct ShapePass {
    /// What is known of the nodes so far.
    private(set) var flow: ShapeFlow
    private var nodes: [Onnx_NodeProto] = []
    private var producers: [String: Int] = [:]
    private var constants: [Onnx_TensorProto] = []

    /// `graph` with shapes as constants where that can be (see ``ConstantReshape``, ``RepeatedForRows``); `rows` is the number
    /// of rows that the file fixes.
    static func rewritten(_ graph: Onnx_GraphProto, rows: Int?) -> Onnx_GraphProto {
        guard graph.node.contains(where: { $0.opType == "Reshape" || $0.opType == "Concat" }) else { return graph }
        var pass = ShapePass(flow: ShapeFlow(graph, rows: rows))
        for var node in graph.node {
            ConstantReshape.rewrite(&node, in: &pass)
            RepeatedForRows.rewrite(&node, in: &pass)
            pass.append(node)
        }
        var result = graph
        result.node = pass.nodes
        result.initializer += pass.constants
        return result
    }

    private init(flow: ShapeFlow) {
        self.flow = flow
    }

    /// The node that writes a value, among those so far.
    func producer(of name: String) -> Onnx_NodeProto? { producers[name].map { nodes[$0] } }

    /// A vector of integers under `name`, which is new to the graph.
    mutating func addConstant(_ name: String, _ values: [Int]) -> String {
        var tensor = Onnx_TensorProto()
        tensor.name = name
        tensor.dims = [Int64(values.count)]
        tensor.dataType = Int32(Onnx_TensorProto.DataType.int64.rawValue)
        tensor.rawData = values.map { Int64($0).littleEndian }.withUnsafeBytes { Data($0) }
        constants.append(tensor)
        flow.add(name, values)
        return name
    }

    /// The value that repeats the constant of one row as often as `sibling` has rows.
    mutating func expand(_ constant: String, rank: Int, toRowsOf sibling: String) -> String {
        let name = "\(constant) for the rows of \(sibling)"
        guard producers[name] == nil else { return name }
        let first = addConstant("first of \(name)", [0])
        let ones = addConstant("ones of \(name)", Array(repeating: 1, count: rank - 1))
        let steps = [
            ("Shape", [sibling], "shape of \(name)"), ("Gather", ["shape of \(name)", first], "rows of \(name)"),
            ("Concat", ["rows of \(name)", ones], "extents of \(name)"),
            ("Expand", [constant, "extents of \(name)"], name),
        ]
        for (operation, inputs, output) in steps {
            var node = Onnx_NodeProto()
            (node.opType, node.input, node.output) = (operation, inputs, [output])
            if operation == "Concat" {
                var axis = Onnx_AttributeProto()
                (axis.name, axis.type, axis.i) = ("axis", .int, 0)
                node.attribute = [axis]
            }
            append(node)
        }
        return name
    }

    private mutating func append(_ node: Onnx_NodeProto) {
        flow.visit(node)
        for name in node.output where !name.isEmpty { producers[name] = nodes.count }
        nodes.append(node)
    }
}
