import ServingCore

/// Writes a segment as a model of its own in which names, order and notation follow from structure and weights alone.
///
/// Nodes stand in the order of a depth-first search from the outputs. Values are named by first use: inputs `i0`..,
/// outputs `o0`.., weights `w0`.., all others `v0`... Weights are dense and raw. Documentation, metadata, types of
/// inner values, names of dimensions, unused operator sets and what says nothing (see ``NormalForm``) are left out.
struct SegmentCanonicalizer {
    /// The graph that is cut.
    let graph: FlowGraph
    /// The operator sets the model imports.
    let operatorSets: [Onnx_OperatorSetIdProto]
    /// Types of the values at the edges of segments, by name.
    let types: [String: TensorSpecification]
    /// What segments hand on.
    let handedOn: Set<String>
    /// A block of more bytes has weights beside its file.
    let byteLimit: Int

    /// The IR version written: the first in which every element type of 4 bits and more exists, so that no content
    /// needs another. It says nothing about operators.
    private static let irVersion: Int64 = 10

    /// `segment` in canonical form; throws where a tensor contradicts its shape or a type is not known.
    func block(of segment: ModelSegment) throws(CatalogError) -> CanonicalBlock {
        let entries = handedOn.union(graph.inputs).subtracting(segment.outputs)
        let nodes = try self.nodes(of: segment, entries)
        var names = CanonicalNames(outputs: segment.outputs, functions: graph.functions)
        var result = Onnx_GraphProto()
        result.name = "block"
        for node in nodes {
            let reads = try node.reads()
            for read in reads where graph.initializers.contains(read) { names.addWeight(read) }
            for read in reads where entries.contains(read) { names.addInput(read) }
            for output in node.output { names.addInner(output) }
            result.node.append(try node.canonical(&names))
        }
        for weight in names.weights { try graph.initializers.append(weight, named: names[weight], to: &result) }
        result.input = try names.inputs.map { name throws(CatalogError) in try declaration(of: name, names) }
        result.output = try segment.outputs.map { name throws(CatalogError) in try declaration(of: name, names) }
        return try CanonicalBlock(
            model(of: result),
            inputs: names.inputs,
            outputs: segment.outputs,
            weightNames: names.weights,
            byteLimit: byteLimit
        )
    }

    /// The segment's nodes in the order of a depth-first search, the operands of each in theirs (``CommutedOperands``).
    private func nodes(of segment: ModelSegment, _ entries: Set<String>) throws(CatalogError) -> [Onnx_NodeProto] {
        let order = try graph.nodes.order(reaching: segment.outputs, stoppingAt: entries)
        let nodes = order.map { graph.nodes.nodes[$0] }
        guard graph.functions.isEmpty else { return nodes }
        let ordered = try NodeGraph(CommutedOperands.ordered(nodes, initializers: graph.initializers))
        return try ordered.order(reaching: segment.outputs, stoppingAt: entries).map { ordered.nodes[$0] }
    }

    private func declaration(
        of name: String,
        _ names: CanonicalNames
    ) throws(CatalogError) -> Onnx_ValueInfoProto {
        guard let type = types[name] else {
            throw CatalogError(.unsupportedModel, "the type of '\(name)' is not known")
        }
        return Onnx_ValueInfoProto(type, named: names[name])
    }

    /// The version of a domain's operators that `graph` is written down for; nil where the model imports none.
    ///
    /// Of ONNX's own it is one that follows from the nodes (``OpsetChoice``), unless local functions are tied to the file's.
    private func version(of domain: String, for graph: Onnx_GraphProto) throws(CatalogError) -> Int64? {
        let stated = operatorSets.last { ($0.domain == "ai.onnx" ? "" : $0.domain) == domain }?.version
        guard let stated, domain.isEmpty, try self.graph.functions.needed(by: graph).isEmpty else { return stated }
        var choice = OpsetChoice(types: try graph.elementTypes())
        guard try choice.add(allOf: graph, at: Int(clamping: stated)) else { return stated }
        return Int64(choice.opset)
    }

    private func model(of graph: Onnx_GraphProto) throws(CatalogError) -> Onnx_ModelProto {
        // ONNX's own operator set stays even where it is unused: runtimes expect it.
        var used: Set = [""]
        try graph.forEachNode { node throws(CatalogError) in used.insert(node.domain) }
        var model = Onnx_ModelProto()
        model.irVersion = Self.irVersion
        model.graph = graph
        model.functions = try self.graph.functions.needed(by: graph)
        for domain in used.sorted() {
            if domain == FunctionLibrary.domain {
                model.opsetImport.append(.local)
                continue
            }
            guard let version = try version(of: domain, for: graph) else { continue }
            var set = Onnx_OperatorSetIdProto()
            set.domain = domain
            set.version = version
            model.opsetImport.append(set)
        }
        return model
    }
}
