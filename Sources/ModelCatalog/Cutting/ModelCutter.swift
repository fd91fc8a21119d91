/// Decides where a model is cut, and what each segment hands on.
///
/// First the model is cut where a single value carries everything (see ``CutPoints``): segments form a tree, each but
/// the first starts at one cut of another. A segment without weights is merged into the one it starts from, the first
/// one into the one after it, so that each carries weights (where any does). Then what still holds many layers is cut
/// where few values cross (see ``WideCuts``), and all where tensors are declared as cuts (see ``DeclaredCuts``).
///
/// So a part of a model that repeats elsewhere is cut the same way there, whatever comes before it and after it.
struct ModelCutter {
    /// The most values that one cut lets through, besides preparation.
    static let widestCut = 4
    /// Segments of more layers with weights than this are cut where several values cross.
    ///
    /// Above what residual, inception and attention layers have, so that none of those is taken apart.
    static let largestSegment = 16

    private let graph: FlowGraph
    private let declared: DeclaredCuts

    /// Makes a cutter of `graph`, which `declared` is right for.
    init(_ graph: FlowGraph, declared: DeclaredCuts = .none) {
        self.graph = graph
        self.declared = declared
    }

    /// The values whose types have to be known before ``segments(where:)`` can decide, in the order of the flow.
    func candidates() throws(CatalogError) -> [String] {
        let found = Set(try segments { _ in true }.flatMap(\.outputs)).subtracting(graph.outputs)
        return graph.flow.flatMap(graph.writes).filter(found.contains)
    }

    /// The segments, each after those it reads from, cut only where `canCross` holds for all that crosses.
    func segments(where canCross: @escaping (String) -> Bool) throws(CatalogError) -> [ModelSegment] {
        let parts = try parts(where: canCross)
        var partOfNode: [Int: Int] = [:]
        for (index, part) in parts.enumerated() {
            for node in part { partOfNode[node] = index }
        }
        let crossing = crossingValues(partOfNode, where: canCross)
        var outputs = [[String]](repeating: [], count: max(1, parts.count))
        let last = graph.outputs.filter { !crossing.contains($0) }
        for name in graph.flow.flatMap(graph.writes).filter(crossing.contains) + last {
            guard let producer = graph.nodes.producers[name] else { continue }
            // Preparation is calculated by the first segment.
            outputs[partOfNode[producer] ?? 0].append(name)
        }
        return outputs.filter { !$0.isEmpty }.map(ModelSegment.init)
    }

    /// The values that one part reads from another, and preparation that several parts read.
    private func crossingValues(_ partOfNode: [Int: Int], where canCross: @escaping (String) -> Bool) -> Set<String> {
        var readers: [String: Set<Int>] = [:]
        for node in graph.layers {
            guard let part = partOfNode[node] else { continue }
            for name in graph.nodes.reads[node] where !graph.isParameter(name) {
                readers[name, default: []].insert(part)
            }
        }
        let crossing = readers.filter { name, parts in
            guard let producer = graph.nodes.producers[name] else { return false }
            if graph.isPreparation(name) { return parts.count > 1 && canCross(name) }
            return parts != [partOfNode[producer] ?? 0]
        }
        return Set(crossing.keys)
    }

    /// The layers of each segment.
    private func parts(where canCross: @escaping (String) -> Bool) throws(CatalogError) -> [[Int]] {
        let cuts = try cuts(where: canCross)
        let segmentOfNode = try segmentOfNode(at: cuts)
        var parts = [[Int]](repeating: [], count: cuts.count + 1)
        for node in graph.layers { parts[segmentOfNode[node] ?? 0].append(node) }
        var result: [[Int]] = []
        for part in parts where !part.isEmpty {
            result += try WideCuts(graph, canCross: canCross).parts(of: part)
        }
        return declared.cut(result, of: graph)
    }

    /// The cuts that start a segment with weights, in the order of the flow.
    private func cuts(where canCross: @escaping (String) -> Bool) throws(CatalogError) -> [[String]] {
        let points = CutPoints(of: graph).cuts.filter { $0.allSatisfy(canCross) }
        let finest = try weightedSegments(at: points)
        var kept = points.indices.filter { finest.contains($0 + 1) }.map { points[$0] }
        if !kept.isEmpty, try !weightedSegments(at: kept).contains(0) { kept.removeFirst() }
        return kept
    }

    /// The segments that hold at least one layer's weights.
    private func weightedSegments(at cuts: [[String]]) throws(CatalogError) -> Set<Int> {
        let segmentOfNode = try segmentOfNode(at: cuts)
        return Set(graph.weighted.compactMap { segmentOfNode[$0] })
    }

    /// For each layer its segment: 1 and more is the cut, counted from 1, that all it reads comes from, 0 is none.
    private func segmentOfNode(at cuts: [[String]]) throws(CatalogError) -> [Int: Int] {
        var cutOfValue: [String: Int] = [:]
        for (index, cut) in cuts.enumerated() {
            for name in cut { cutOfValue[name] = index + 1 }
        }
        var result: [Int: Int] = [:]
        for node in graph.layers {
            var origins = Set(
                graph.layerReads(of: node).map { name in
                    cutOfValue[name] ?? graph.nodes.producers[name].flatMap { result[$0] } ?? 0
                }
            )
            if !graph.nearReads(of: node).isEmpty { origins.insert(0) }
            guard origins.count <= 1 else {
                throw CatalogError(.invalidModel, "\(graph.nodes.nodes[node].label) reads across a cut")
            }
            result[node] = origins.first ?? 0
        }
        return result
    }
}
