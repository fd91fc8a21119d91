/// Finds where a flow graph can be cut: the values that alone carry everything to what comes after them.
///
/// A value is a cut where it lies on every path from the inputs to each node that depends on it, that is, where it
/// dominates all its descendants (dominators by Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm",
/// which on an acyclic graph needs one pass). So are the outputs of a node together, where the node dominates and none
/// of them does alone. Preparation that is read far on crosses no cut: whoever needs it reads it or calculates it. Whether
/// there is a cut depends on what lies between the cuts before and after it, not on the order in which the nodes stand.
struct CutPoints {
    /// The cuts in the order of the flow, each with the values that cross it.
    let cuts: [[String]]

    /// For each node of the flow, the value or input it hangs from in the tree of dominators.
    private struct Vertex {
        var parent: Int
        var depth: Int
        var isBypassed = false
    }

    /// Finds the cuts of `graph`.
    /// - Complexity: O(reads × length of the longest path).
    init(of graph: FlowGraph) {
        var vertices = [Vertex(parent: 0, depth: 0)]
        var vertexOfValue: [String: Int] = [:]
        var vertexOfNode: [Int: Int] = [:]
        var readers = Set<String>()
        for node in graph.layers {
            let reads = graph.layerReads(of: node)
            readers.formUnion(reads)
            for name in graph.nearReads(of: node) where vertexOfValue[name] == nil {
                vertexOfValue[name] = Self.add(below: 0, to: &vertices)
            }
            let sources = (reads + graph.nearReads(of: node)).compactMap { vertexOfValue[$0] }
            let vertex = Self.add(readersOf: sources, to: &vertices)
            vertexOfNode[node] = vertex
            for output in graph.writes(of: node) { vertexOfValue[output] = Self.add(below: vertex, to: &vertices) }
        }
        let isBypassed = { (vertex: Int?) in vertex.map { vertices[$0].isBypassed } ?? true }
        cuts = graph.layers.flatMap { node -> [[String]] in
            let values = graph.writes(of: node).filter { readers.contains($0) && !graph.isDequantized($0) }
            let alone = values.filter { !isBypassed(vertexOfValue[$0]) }
            if !alone.isEmpty { return alone.map { [$0] } }
            let isTogether = (2...ModelCutter.widestCut).contains(values.count) && !isBypassed(vertexOfNode[node])
            return isTogether ? [values] : []
        }
    }

    private static func add(below parent: Int, to vertices: inout [Vertex]) -> Int {
        vertices.append(Vertex(parent: parent, depth: vertices[parent].depth + 1))
        return vertices.count - 1
    }

    /// Adds a node that reads `values`: everything between their common dominator and the node is bypassed.
    private static func add(readersOf values: [Int], to vertices: inout [Vertex]) -> Int {
        guard var dominator = values.first else { return add(below: 0, to: &vertices) }
        for value in values { dominator = commonDominator(dominator, value, in: vertices) }
        for value in values {
            var vertex = value
            while vertex != dominator {
                vertices[vertex].isBypassed = true
                vertex = vertices[vertex].parent
            }
        }
        return add(below: dominator, to: &vertices)
    }

    private static func commonDominator(_ first: Int, _ second: Int, in vertices: [Vertex]) -> Int {
        var (first, second) = (first, second)
        while first != second {
            if vertices[first].depth < vertices[second].depth { swap(&first, &second) }
            first = vertices[first].parent
        }
        return first
    }
}
