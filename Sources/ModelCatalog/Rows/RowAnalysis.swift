import FoundationEssentials
import ServingCore

/// Follows the rows of a batch through a graph, node by node.
///
/// What it calls `rows` is proved from the operators' definitions, what it calls `mixed` too, but for control flow: a
/// loop may end when all rows are done, which no few runs would show. The rest is `unknown`.
struct RowAnalysis {
    private let nodes: NodeGraph
    private let initializers: GraphInitializers
    private let version: Int64
    private var states: [String: RowState] = [:]

    /// What becomes of the rows of `model`, all inputs of which have them along the first dimension; the worst of its
    /// outputs.
    static func state(of model: ONNXModel) throws(CatalogError) -> RowState {
        var analysis = try RowAnalysis(model)
        let outputs = model.proto.graph.output.map(\.name)
        for index in try analysis.nodes.order(reaching: outputs) { analysis.visit(index) }
        return analysis.worst(of: outputs)
    }

    private init(_ model: ONNXModel) throws(CatalogError) {
        let graph = model.proto.graph
        let constants = graph.node.compactMap(\.constantTensor)
        nodes = try NodeGraph(graph.node.filter { $0.constantTensor == nil })
        initializers = try GraphInitializers(graph, constants: constants, besides: nodes.producers)
        version = model.proto.opsetImport.first { ["", "ai.onnx"].contains($0.domain) }?.version ?? 1
        for input in model.inputs {
            let rank = input.specification?.shape.count ?? 0
            states[input.name] = rank > 0 ? .rows(rank: rank) : .unknown("input '\(input.name)' has no rows")
        }
    }

    private func state(of name: String) -> RowState {
        states[name] ?? (initializers.contains(name) ? .constant : .unknown("nothing writes '\(name)'"))
    }

    private func worst(of names: [String]) -> RowState {
        var worst = RowState.rows(rank: 1)
        for name in names {
            switch state(of: name) {
            case .mixed(let reason): return .mixed(reason)
            case .unknown(let reason): worst = .unknown(reason)
            case .constant, .shape: worst = .unknown("output '\(name)' does not depend on the rows")
            case .rows: break
            }
        }
        return worst
    }

    private mutating func visit(_ index: Int) {
        let node = nodes.nodes[index]
        let state = result(of: node, reads: nodes.reads[index].map(state))
        for name in node.output where !name.isEmpty { states[name] = state }
    }

    private func result(of node: Onnx_NodeProto, reads: [RowState]) -> RowState {
        for case .mixed(let reason) in reads { return .mixed(reason) }
        for case .unknown(let reason) in reads { return .unknown(reason) }
        guard reads.contains(where: { $0.rank != nil }) else { return reads.contains(.shape) ? .shape : .constant }
        if ["Shape", "Size"].contains(node.opType), node.canonicalDomain.isEmpty { return .shape }
        let rule = RowRule(
            node: node,
            version: version,
            inputs: node.input.map { $0.isEmpty ? .constant : state(of: $0) },
            constants: node.input.map(initializers.constant)
        )
        return rule.result
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
        let isSmallInteger =
            tensor.dataType == Int32(Onnx_TensorProto.DataType.int64.rawValue) && tensor.dims.reduce(1, *) <= 64
        let bytes = isSmallInteger ? try? tensor.dense().rawData : nil
        let integers = bytes.map { data in
            data.withUnsafeBytes { bytes in
                stride(from: 0, to: bytes.count / 8 * 8, by: 8).map {
                    Int(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: Int64.self)))
                }
            }
        }
        return ConstantShape(dimensions: tensor.dims.map(Int.init(clamping:)), integers: integers)
    }
}
