import FoundationEssentials
import ServingCore

/// Follows the rows of a batch through a graph, node by node.
///
/// What it calls `rows` is proved from the operators' definitions, what it calls `mixed` too, but for control flow: a
/// loop may end when all rows are done, which no few runs would show. The rest is `unknown`, each output of an operator
/// for itself: an output without a rule is never taken to have rows.
struct RowAnalysis {
    /// The nodes of the graph at hand.
    let nodes: NodeGraph
    /// Parameters, those of the innermost graph first.
    private let scopes: [GraphInitializers]
    /// What is known of values that come from outside: the inputs of a function.
    let given: [String: ConstantShape]
    /// The version of ONNX's operator set.
    let version: Int64
    /// The model's functions.
    let functions: [FunctionLibrary.Key: Onnx_FunctionProto]
    /// How many graphs this one lies in.
    let depth: Int
    /// What is known so far, by name.
    private(set) var states: [String: RowState]

    /// What becomes of the rows of `model`, all inputs of which have them along the first dimension; the worst of its
    /// outputs.
    static func state(of model: ONNXModel) throws(CatalogError) -> RowState {
        var states: [String: RowState] = [:]
        for input in model.inputs {
            let rank = input.specification?.shape.count ?? 0
            let reason = "input '\(model.original(input.name))' has no rows"
            states[input.name] = rank > 0 ? .rows(rank: rank) : .unknown(reason)
        }
        let functions = Dictionary(model.proto.functions.map { (FunctionLibrary.Key($0), $0) }) { first, _ in first }
        var analysis = try RowAnalysis(
            model.proto.graph,
            states: states,
            version: model.proto.opsetImport.first { ["", "ai.onnx"].contains($0.domain) }?.version ?? 1,
            functions: functions
        )
        let outputs = model.proto.graph.output.map(\.name)
        return worst(of: try analysis.results(of: outputs), outputs)
    }

    /// Looks at `graph`, where `states` are known, inside of the graphs whose parameters are in `scopes`.
    init(
        _ graph: Onnx_GraphProto,
        states: [String: RowState],
        version: Int64,
        functions: [FunctionLibrary.Key: Onnx_FunctionProto],
        scopes: [GraphInitializers] = [],
        given: [String: ConstantShape] = [:],
        depth: Int = 0
    ) throws(CatalogError) {
        let constants = graph.node.compactMap(\.constantTensor)
        nodes = try NodeGraph(graph.node.filter { $0.constantTensor == nil })
        self.scopes = [try GraphInitializers(graph, constants: constants, besides: nodes.producers)] + scopes
        self.given = given
        self.version = version
        self.functions = functions
        self.depth = depth
        self.states = states
    }

    /// What becomes of the values called `outputs`.
    mutating func results(of outputs: [String]) throws(CatalogError) -> [RowState] {
        for index in try nodes.order(reaching: outputs) { try visit(index) }
        return outputs.map(state)
    }

    /// What is known of the value called `name`.
    func state(of name: String) -> RowState {
        states[name] ?? (scopes.contains { $0.contains(name) } ? .constant : .unknown("nothing writes '\(name)'"))
    }

    /// What is known of the parameter called `name`; nil where it is none.
    func constant(_ name: String) -> ConstantShape? {
        given[name] ?? scopes.lazy.compactMap { $0.constant(name) }.first
    }

    /// The parameters that a graph inside of this one sees.
    var innerScopes: [GraphInitializers] { scopes }

    private static func worst(of states: [RowState], _ names: [String]) -> RowState {
        var worst = RowState.rows(rank: 1)
        for (state, name) in zip(states, names) {
            switch state {
            case .mixed(let reason): return .mixed(reason)
            case .unknown(let reason): worst = .unknown(reason)
            case .constant, .shape: worst = .unknown("output '\(name)' does not depend on the rows")
            case .sizes: return .mixed("output '\(name)' depends on the number of rows")
            case .rows: break
            }
        }
        return worst
    }

    private mutating func visit(_ index: Int) throws(CatalogError) {
        let node = nodes.nodes[index]
        let found = try results(of: node, reads: nodes.reads[index].map(state))
        for (place, name) in node.output.enumerated() where !name.isEmpty {
            states[name] = place < found.count ? found[place] : .unknown("\(node.label) may mix rows")
        }
    }

    /// What the outputs of `node` are; `reads` are the states of all that it reads, in its subgraphs, too.
    private func results(of node: Onnx_NodeProto, reads: [RowState]) throws(CatalogError) -> [RowState] {
        func all(_ state: RowState) -> [RowState] { node.output.map { _ in state } }
        for case .mixed(let reason) in reads { return all(.mixed(reason)) }
        if node.isRandom { return all(.mixed("\(node.label) draws lots")) }
        if let inner = try innerResults(of: node) { return inner }
        let inputs = node.input.map { $0.isEmpty ? RowState.constant : state(of: $0) }
        let dependsOnRows = reads.contains { !$0.isFixed && !$0.isSize }
        guard dependsOnRows else {
            if reads.allSatisfy({ $0 == .constant }) { return all(.constant) }
            return all(SizeRule(node: node, inputs: inputs, constants: node.input.map(constant)).result)
        }
        let rule = RowRule(node: node, version: version, inputs: inputs, constants: node.input.map(constant))
        if let size = rule.misusedSize { return all(size) }
        for case .unknown(let reason) in reads { return all(.unknown(reason)) }
        return rule.results
    }
}

/// What is known of a parameter: its dimensions, and its elements where they are a few integers.
struct ConstantShape: Hashable {
    var dimensions: [Int]
    var integers: [Int]?
}

extension GraphInitializers {
    /// What is known of the initialiser called `name`; nil where there is none.
    func constant(_ name: String) -> ConstantShape? {
        guard let tensor = tensor(named: name) else { return nil }
        return ConstantShape(dimensions: tensor.dims.map(Int.init(clamping:)), integers: Self.integers(of: tensor))
    }

    private static func integers(of tensor: Onnx_TensorProto) -> [Int]? {
        var count = 1
        for extent in tensor.dims {
            guard (0...64).contains(extent) else { return nil }
            count *= Int(extent)
            guard count <= 64 else { return nil }
        }
        switch Onnx_TensorProto.DataType(rawValue: Int(tensor.dataType)) {
        case .int64: return elements(of: tensor, Int64.self)
        case .int32: return elements(of: tensor, Int32.self)
        default: return nil
        }
    }

    private static func elements<Number: FixedWidthInteger>(of tensor: Onnx_TensorProto, _ type: Number.Type) -> [Int]?
    {
        let size = MemoryLayout<Number>.size
        return (try? tensor.dense().rawData)?.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count / size * size, by: size).map {
                Int(Number(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: Number.self)))
            }
        }
    }
}
