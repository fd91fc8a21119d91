extension RowAnalysis {
    /// Graphs lie no deeper inside each other than this.
    private static let deepest = 32

    /// What the outputs of control flow and of local functions are, by what their graphs do; nil for other nodes.
    func innerResults(of node: Onnx_NodeProto) throws(CatalogError) -> [RowState]? {
        if let function = functions[FunctionLibrary.Key(node)] { return try results(of: function, calledBy: node) }
        guard node.canonicalDomain.isEmpty else { return nil }
        switch node.opType {
        case "If": return try decision(node)
        case "Scan": return try scan(node)
        case "Loop": return node.output.map { _ in .mixed("\(node.label) takes all rows together") }
        default: return nil
        }
    }

    private func unknown(_ node: Onnx_NodeProto) -> [RowState] {
        node.output.map { _ in .unknown("\(node.label) may mix rows") }
    }

    // MARK: Decisions

    private func decision(_ node: Onnx_NodeProto) throws(CatalogError) -> [RowState] {
        let condition = node.input.first.map(state(of:)) ?? .constant
        if condition.rank != nil { return node.output.map { _ in .mixed("\(node.label) decides for all rows") } }
        if condition.isSize {
            return node.output.map { _ in .mixed("\(node.label) decides by the number of rows") }
        }
        let branches = ["then_branch", "else_branch"].compactMap { name in
            node.attribute.first { $0.name == name && $0.hasG }?.g
        }
        guard branches.count == 2, depth < Self.deepest else { return unknown(node) }
        let first = try results(of: branches[0], states: states)
        let second = try results(of: branches[1], states: states)
        let joined = node.output.indices.map { index in
            Self.joined(first.element(index), second.element(index), label: node.label)
        }
        guard case .unknown(let reason) = condition else { return joined }
        return joined.map { state in
            if case .mixed = state { state } else { .unknown(reason) }
        }
    }

    /// What a value is that is either of two.
    private static func joined(_ first: RowState?, _ second: RowState?, label: String) -> RowState {
        guard let first, let second else { return .unknown("\(label) may mix rows") }
        for state in [first, second] { if case .mixed = state { return state } }
        for state in [first, second] { if case .unknown = state { return state } }
        if first == second { return first }
        if first.isFixed, second.isFixed { return .shape(count: nil) }
        let areSizes = (first.isSize || first.isFixed) && (second.isSize || second.isFixed)
        return areSizes ? .sizes(.somehow, count: nil) : .unknown("\(label) may mix rows")
    }

    private func results(of graph: Onnx_GraphProto, states: [String: RowState]) throws(CatalogError) -> [RowState] {
        var analysis = try RowAnalysis(
            graph,
            states: states,
            version: version,
            functions: functions,
            scopes: innerScopes,
            given: given,
            depth: depth + 1
        )
        return try analysis.results(of: graph.output.map(\.name))
    }

    // MARK: Scans

    /// Along another dimension a scan may keep rows apart; from row to row it hands on what it has gathered.
    private func scan(_ node: Onnx_NodeProto) throws(CatalogError) -> [RowState] {
        let count = node.attribute.first { $0.name == "num_scan_inputs" }.map { Int(clamping: $0.i) } ?? 0
        guard let body = node.attribute.first(where: { $0.name == "body" && $0.hasG })?.g, depth < Self.deepest,
            (1...max(node.input.count, 1)).contains(count), body.input.count == node.input.count, version >= 9
        else { return unknown(node) }
        let axes = node.attribute.first { $0.name == "scan_input_axes" }?.ints ?? []
        let variables = node.input.count - count
        var inner = states
        for (index, name) in node.input.enumerated() {
            var found = state(of: name)
            if index >= variables, let rank = found.rank {
                let axis = axes.indices.contains(index - variables) ? Int(clamping: axes[index - variables]) : 0
                if axis == 0 || axis == -rank {
                    return node.output.map { _ in .mixed("\(node.label) goes from row to row") }
                }
                found = .rows(rank: rank - 1)
            }
            inner[body.input[index].name] = found
        }
        for case .mixed(let reason) in try results(of: body, states: inner) {
            return node.output.map { _ in .mixed(reason) }
        }
        return unknown(node)
    }

    // MARK: Functions

    private func results(
        of function: Onnx_FunctionProto,
        calledBy node: Onnx_NodeProto
    ) throws(CatalogError) -> [RowState] {
        guard depth < Self.deepest else { return unknown(node) }
        var inner: [String: RowState] = [:]
        var known: [String: ConstantShape] = [:]
        for (index, name) in function.input.enumerated() {
            let outer = node.input.element(index) ?? ""
            inner[name] = outer.isEmpty ? .constant : state(of: outer)
            known[name] = constant(outer)
        }
        var graph = Onnx_GraphProto()
        graph.node = function.node.map { $0.binding(node.attribute, defaults: function.attributeProto) }
        var analysis = try RowAnalysis(
            graph,
            states: inner,
            version: function.opsetImport.first { ["", "ai.onnx"].contains($0.domain) }?.version ?? version,
            functions: functions,
            given: known,
            depth: depth + 1
        )
        return try analysis.results(of: function.output)
    }
}

extension Onnx_NodeProto {
    /// Whether a second run gives something else; requests side by side would have lots of their own anyway.
    var isRandom: Bool {
        canonicalDomain.isEmpty && (opType.hasPrefix("Random") || ["Bernoulli", "Multinomial"].contains(opType))
    }

    /// The node of a function with the attributes that its caller gives, or else their defaults.
    fileprivate func binding(_ given: [Onnx_AttributeProto], defaults: [Onnx_AttributeProto]) -> Onnx_NodeProto {
        guard attribute.contains(where: { !$0.refAttrName.isEmpty }) else { return self }
        var result = self
        result.attribute = attribute.compactMap { attribute in
            guard !attribute.refAttrName.isEmpty else { return attribute }
            var value = (given + defaults).first { $0.name == attribute.refAttrName }
            value?.name = attribute.name
            return value
        }
        return result
    }
}

extension Array {
    /// The element at `index`; nil where there is none.
    fileprivate func element(_ index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
