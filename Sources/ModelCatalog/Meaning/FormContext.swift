import FoundationEssentials

/// What rules of the normal form may know of the graph that a node stands in.
struct FormContext {
    /// The opset that the model imports.
    let opset: Int
    /// Element types of the graph's tensors.
    let types: Set<Int32>
    /// Shapes of values, -1 for what varies; without those that nothing is known of.
    var shapes: [String: [Int]] = [:]
    /// The nodes that write values, by name.
    let producers: [String: Onnx_NodeProto]
    /// How many nodes read a value, counted once more where it is an output of the graph.
    private(set) var readers: [String: Int] = [:]
    private let constants: GraphInitializers

    init(_ graph: Onnx_GraphProto, opset: Int) throws(CatalogError) {
        self.opset = opset
        types = try graph.elementTypes()
        var all = graph
        all.initializer += graph.node.compactMap(\.constantTensor)
        constants = GraphInitializers(all)
        let pairs = graph.node.flatMap { node in node.output.map { ($0, node) } }
        producers = Dictionary(pairs) { first, _ in first }
        for node in graph.node {
            for name in try node.reads() { readers[name, default: 0] += 1 }
        }
        for output in graph.output { readers[output.name, default: 0] += 1 }
    }

    /// Whether `name` is a constant of one boolean, which is false.
    func isFalse(_ name: String) -> Bool {
        guard let tensor = constants.tensor(named: name), tensor.dims.allSatisfy({ $0 == 1 }),
            tensor.dataType == Int32(Onnx_TensorProto.DataType.bool.rawValue), let dense = try? tensor.dense()
        else { return false }
        return dense.rawData.allSatisfy { $0 == 0 }
    }

    /// The integers of a small constant; nil where it is none, or not of integers.
    func integers(_ name: String) -> [Int]? { constants.constant(name)?.integers }

    /// The dimensions of a constant; nil where it is none.
    func dimensions(_ name: String) -> [Int]? { constants.constant(name)?.dimensions }

    /// How many dimensions a value has; nil where that is not known.
    func rank(_ name: String) -> Int? { dimensions(name)?.count ?? shapes[name]?.count }
}

/// A node while rules rewrite it.
struct NodeForm {
    /// The node as it is by now.
    var node: Onnx_NodeProto
    /// The opset that gives it its meaning.
    var opset: Int
    /// Constants that it reads and the graph does not have yet.
    var settings: [Onnx_TensorProto] = []

    /// The value of an integer attribute; `standard` where it is left out.
    func integer(_ name: String, _ standard: Int64) -> Int64 {
        node.attribute.first { $0.name == name }?.i ?? standard
    }

    /// The integers of an input that is a constant, those that rules added included; nil where it is none, or not of integers.
    func integers(at place: Int, in context: FormContext) -> [Int]? {
        guard node.input.indices.contains(place) else { return nil }
        guard let setting = settings.first(where: { $0.name == node.input[place] }) else {
            return context.integers(node.input[place])
        }
        var graph = Onnx_GraphProto()
        graph.initializer = [setting]
        return GraphInitializers(graph).constant(setting.name)?.integers
    }

    /// Makes `values` a further input, in the place of attribute `name`.
    mutating func setInput(_ place: Int, to values: [Int], removing name: String) {
        guard let output = node.output.first else { return }
        var tensor = Onnx_TensorProto()
        tensor.name = "\(name) of \(output)"
        tensor.dims = [Int64(values.count)]
        tensor.dataType = Int32(Onnx_TensorProto.DataType.int64.rawValue)
        tensor.rawData = values.map { Int64($0).littleEndian }.withUnsafeBytes { Data($0) }
        node.attribute.removeAll { $0.name == name }
        settings.removeAll { $0.name == tensor.name }
        node.input = Array(node.input.prefix(place)) + [tensor.name]
        settings.append(tensor)
    }
}

/// One way in which files say the same differently, and how blocks say it.
protocol NodeRule {
    /// The operators it looks at.
    static var operators: Set<String> { get }
    /// The values whose shapes decide; empty where none does.
    static func deciding(_ form: NodeForm, in context: FormContext) -> [String]
    /// Rewrites the node where that leaves its meaning as it is, with the same outputs.
    static func rewrite(_ form: inout NodeForm, in context: FormContext)
}

extension NodeRule {
    static func deciding(_ form: NodeForm, in context: FormContext) -> [String] { [] }
}
