/// Decides where a model is cut, and what each segment hands on.
///
/// Segments form a tree: each but the first starts at one value of another. A segment without weights is merged into
/// the one it starts from, the first one into the one after it, so that each carries weights (where any does).
struct ModelCutter {
    private let graph: FlowGraph

    /// Makes a cutter of `graph`.
    init(_ graph: FlowGraph) {
        self.graph = graph
    }

    /// The cut points that start a segment with weights, in the order of the flow.
    func cuts() throws(CatalogError) -> [String] {
        let points = CutPoints(of: graph).values
        let finest = try weightedSegments(at: points)
        var kept = points.filter { finest.contains($0) }
        if let first = kept.first, try !weightedSegments(at: kept).contains(nil) {
            kept.removeAll { $0 == first }
        }
        return kept
    }

    /// The segments between `cuts`, each after the one it starts from; `cuts` are among those of ``cuts()``.
    func segments(at cuts: [String]) throws(CatalogError) -> [ModelSegment] {
        let segmentOfNode = try segmentOfNode(at: cuts)
        let order: [String?] = [nil] + cuts
        var outputs: [String?: [String]] = [:]
        for name in cuts + graph.outputs.filter({ !cuts.contains($0) }) {
            guard let producer = graph.nodes.producers[name], let segment = segmentOfNode[producer] else { continue }
            outputs[segment, default: []].append(name)
        }
        return order.map { ModelSegment(entry: $0, outputs: outputs[$0] ?? []) }
    }

    /// The segments, by their entry, that hold at least one layer's weights.
    private func weightedSegments(at cuts: [String]) throws(CatalogError) -> Set<String?> {
        let segmentOfNode = try segmentOfNode(at: cuts)
        var result = Set<String?>()
        for node in graph.flow where try carriesWeights(node) {
            if let segment = segmentOfNode[node] { result.insert(segment) }
        }
        return result
    }

    /// For each node of the flow, the entry of its segment: the cut point that all it reads comes from.
    private func segmentOfNode(at cuts: [String]) throws(CatalogError) -> [Int: String?] {
        let cuts = Set(cuts)
        var result: [Int: String?] = [:]
        for node in graph.flow {
            let origins = Set(graph.flowReads(of: node).map { origin(of: $0, cuts: cuts, segmentOfNode: result) })
            guard origins.count <= 1 else {
                throw CatalogError(.invalidModel, "\(graph.nodes.nodes[node].label) reads across a cut")
            }
            result.updateValue(origins.first ?? nil, forKey: node)
        }
        return result
    }

    private func origin(of name: String, cuts: Set<String>, segmentOfNode: [Int: String?]) -> String? {
        if cuts.contains(name) { return name }
        return graph.nodes.producers[name].flatMap { segmentOfNode[$0] ?? nil }
    }

    private func carriesWeights(_ index: Int) throws(CatalogError) -> Bool {
        let node = graph.nodes.nodes[index]
        if node.hasWeightAttributes || node.weightInputs?.contains(where: graph.isParameter) ?? false { return true }
        guard !node.subgraphs.isEmpty else { return false }
        if graph.nodes.reads[index].contains(where: graph.isParameter) { return true }
        for subgraph in node.subgraphs where try subgraph.parameterByteCount() > 0 { return true }
        return false
    }
}
