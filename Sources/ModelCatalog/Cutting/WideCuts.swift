/// Cuts segments of many layers where two to four values cross: towers side by side, long skips, states handed on.
///
/// The layers of a segment are put in the order of a depth-first search from what the segment hands on. Behind each
/// layer some values are still to be read. The places where these are fewest are cut, one between each two layers with
/// weights; what still has many layers is cut again where one more value crosses, up to ``ModelCutter/widestCut``.
struct WideCuts {
    private let graph: FlowGraph
    private let canCross: (String) -> Bool

    /// Cuts segments of `graph` where `canCross` holds for all that crosses.
    init(_ graph: FlowGraph, canCross: @escaping (String) -> Bool) {
        self.graph = graph
        self.canCross = canCross
    }

    /// `segment`, given by its layers, in parts, each after those it reads from.
    /// - Complexity: O(reads × parts).
    func parts(of segment: [Int]) throws(CatalogError) -> [[Int]] {
        guard isLarge(segment) else { return [segment] }
        return split(try inOwnOrder(segment))
    }

    private func isLarge(_ layers: [Int]) -> Bool {
        layers.count(where: graph.weighted.contains) > ModelCutter.largestSegment
    }

    /// The order follows from what the segment consists of, not from what stands before it.
    private func inOwnOrder(_ segment: [Int]) throws(CatalogError) -> [Int] {
        let members = Set(segment)
        var readOutside = Set(graph.outputs)
        var entries = Set<String>()
        for node in graph.layers {
            let reads = graph.layerReads(of: node)
            if members.contains(node) {
                entries.formUnion(reads.filter { !isMember($0, of: members) })
            } else {
                readOutside.formUnion(reads)
            }
        }
        let roots = segment.flatMap(graph.writes).filter(readOutside.contains)
        return try graph.nodes.order(reaching: roots, stoppingAt: entries).filter(members.contains)
    }

    private func isMember(_ name: String, of members: Set<Int>) -> Bool {
        graph.nodes.producers[name].map(members.contains) ?? false
    }

    private func split(_ layers: [Int]) -> [[Int]] {
        guard isLarge(layers) else { return [layers] }
        let places = places(in: layers)
        guard let fewest = places.map(\.width).min() else { return [layers] }
        var result: [[Int]] = []
        var start = 0
        for (index, place) in places.enumerated() where place.width == fewest {
            // Of equal places with the same layers before them, the last.
            let next = places[(index + 1)...].first { $0.width == fewest }
            if let next, next.weightsBefore == place.weightsBefore { continue }
            result.append(Array(layers[start..<place.end]))
            start = place.end
        }
        result.append(Array(layers[start...]))
        return result.flatMap(split)
    }

    /// A place where a cut may be: behind `end` layers, of which `weightsBefore` have weights.
    private struct Place {
        var end: Int
        var weightsBefore: Int
        var width: Int
    }

    private func places(in layers: [Int]) -> [Place] {
        let reads = layers.map { graph.layerReads(of: $0) + graph.nearReads(of: $0) }
        var lastReader: [String: Int] = [:]
        for index in layers.indices {
            for name in reads[index] { lastReader[name] = index }
        }
        let total = layers.count(where: graph.weighted.contains)
        let members = Set(layers)
        var open = Set(lastReader.keys.filter { !isMember($0, of: members) })
        var places: [Place] = []
        var weights = 0
        for (index, node) in layers.enumerated() {
            if graph.weighted.contains(node) { weights += 1 }
            open.formUnion(graph.writes(of: node).filter { lastReader[$0] != nil })
            for name in reads[index] where lastReader[name] == index { open.remove(name) }
            guard weights > 0, weights < total, (1...ModelCutter.widestCut).contains(open.count),
                open.allSatisfy({ graph.isPreparation($0) || canCross($0) && !graph.isDequantized($0) })
            else { continue }
            places.append(Place(end: index + 1, weightsBefore: weights, width: open.count))
        }
        return places
    }
}
