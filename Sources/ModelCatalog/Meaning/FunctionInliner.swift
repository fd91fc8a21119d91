/// Puts the nodes of local functions in the places of the nodes that call them.
///
/// `IR.md`, "Functions": a call means what the function's nodes mean, with the call's inputs, outputs and attributes for its own; a
/// reference to an attribute that the call leaves out has the function's default, or is left out. Models stay as they are where a
/// function was written for other operator sets, where control flow calls or makes one, and where one calls itself.
struct FunctionInliner {
    private let functions: [FunctionLibrary.Key: Onnx_FunctionProto]
    private let versions: [String: Int64]
    private var nodes: [Onnx_NodeProto] = []
    private var callCount = 0

    private static let nodeLimit = 200_000
    private static let deepest = 64
    private static let prefix = "call "

    /// `proto` without functions; nil where that cannot be.
    static func inlined(_ proto: Onnx_ModelProto) -> Onnx_ModelProto? {
        guard !proto.functions.isEmpty else { return proto }
        let keys = Set(proto.functions.map { FunctionLibrary.Key($0) })
        let names = proto.graph.node.flatMap { $0.input + $0.output } + proto.graph.initializer.map(\.name)
        // Refuses what is wrong with functions, whoever calls them.
        guard (try? FunctionLibrary(proto.functions)) != nil, !names.contains(where: { $0.hasPrefix(prefix) }),
            !callsInside(proto.graph.node, keys)
        else { return nil }
        var inliner = FunctionInliner(proto)
        for node in proto.graph.node {
            guard inliner.append(node, depth: 0) else { return nil }
        }
        var result = proto
        result.functions = []
        result.graph.node = inliner.nodes
        return result
    }

    private init(_ proto: Onnx_ModelProto) {
        functions = Dictionary(proto.functions.map { (FunctionLibrary.Key($0), $0) }) { first, _ in first }
        versions = Dictionary(proto.opsetImport.map { ($0.canonical.domain, $0.version) }) { _, last in last }
    }

    /// Whether control flow of `nodes` calls a function.
    private static func callsInside(_ nodes: [Onnx_NodeProto], _ keys: Set<FunctionLibrary.Key>) -> Bool {
        var isFound = false
        for subgraph in nodes.flatMap(\.subgraphs) {
            try? subgraph.forEachNode { node in if keys.contains(FunctionLibrary.Key(node)) { isFound = true } }
        }
        return isFound
    }

    private mutating func append(_ node: Onnx_NodeProto, depth: Int) -> Bool {
        guard let function = functions[FunctionLibrary.Key(node)] else {
            nodes.append(node)
            return nodes.count <= Self.nodeLimit
        }
        guard depth < Self.deepest, canBeInlined(function, node) else { return false }
        callCount += 1
        let names = names(in: function, of: node, prefix: "\(Self.prefix)\(callCount)/")
        for inner in function.node {
            guard append(inner.renamed(names).bound(to: node, function), depth: depth + 1) else { return false }
        }
        return true
    }

    private func canBeInlined(_ function: Onnx_FunctionProto, _ call: Onnx_NodeProto) -> Bool {
        let isSameVersion = function.opsetImport.map(\.canonical).allSatisfy { set in
            versions[set.domain] == set.version || functions.keys.contains { $0.domain == set.domain }
        }
        let written = function.node.flatMap(\.output).filter { !$0.isEmpty }
        return isSameVersion && function.node.allSatisfy(\.subgraphs.isEmpty)
            && call.input.count <= function.input.count
            && call.output.count <= function.output.count && Set(written).count == written.count
            && Set(function.input).count == function.input.count && Set(function.output).count == function.output.count
            && Set(function.input).isDisjoint(with: written) && Set(function.output).isSubset(of: written)
    }

    /// For each name in `function` the one it has in the place of `call`.
    private func names(
        in function: Onnx_FunctionProto,
        of call: Onnx_NodeProto,
        prefix: String
    ) -> [String: String] {
        var names: [String: String] = ["": ""]
        for name in function.node.flatMap({ $0.input + $0.output }) where !name.isEmpty { names[name] = prefix + name }
        for (place, name) in function.input.enumerated() {
            names[name] = call.input.indices.contains(place) ? call.input[place] : ""
        }
        for (name, given) in zip(function.output, call.output) where !given.isEmpty { names[name] = given }
        return names
    }
}

extension Onnx_NodeProto {
    fileprivate func renamed(_ names: [String: String]) -> Onnx_NodeProto {
        var result = self
        result.input = input.map { names[$0] ?? $0 }
        result.output = output.map { names[$0] ?? $0 }
        return result
    }

    /// The node with values for references to attributes: those of `call`, else the defaults of `function`.
    fileprivate func bound(to call: Onnx_NodeProto, _ function: Onnx_FunctionProto) -> Onnx_NodeProto {
        var result = self
        result.attribute = attribute.compactMap { attribute in
            guard !attribute.refAttrName.isEmpty else { return attribute }
            let isMeant = { (given: Onnx_AttributeProto) in given.name == attribute.refAttrName }
            var value = call.attribute.first(where: isMeant) ?? function.attributeProto.first(where: isMeant)
            value?.name = attribute.name
            return value
        }
        return result
    }
}
