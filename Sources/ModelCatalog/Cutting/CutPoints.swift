/// Finds the values at which a flow graph can be cut: those that alone carry everything to what comes after them.
///
/// A value is a cut point where it lies on every path from the inputs to each node that depends on it, that is, where
/// it dominates all its descendants (dominators by Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm",
/// which on an acyclic graph needs one pass). So inputs that are used later on cross a cut like any other value, and
/// the result does not depend on the order in which the nodes stand.
struct CutPoints {
    /// The cut points in the order of the flow.
    let values: [String]

    /// For each node of the flow, the value or input it hangs from in the tree of dominators.
    private struct Vertex {
        var parent: Int
        var depth: Int
        var isBypassed = false
    }

    /// Finds the cut points of `graph`.
    /// - Complexity: O(reads × length of the longest path).
    init(of graph: FlowGraph) {
        var vertices = [Vertex(parent: 0, depth: 0)]
        var vertexOfValue = Dictionary(uniqueKeysWithValues: Set(graph.inputs).map { ($0, 0) })
        for (name, _) in vertexOfValue { vertexOfValue[name] = Self.add(below: 0, to: &vertices) }
        var readers = Set<String>()
        for node in graph.flow {
            let reads = graph.flowReads(of: node)
            readers.formUnion(reads)
            let vertex = Self.add(readersOf: reads.compactMap { vertexOfValue[$0] }, to: &vertices)
            for output in graph.nodes.nodes[node].output where !output.isEmpty {
                vertexOfValue[output] = Self.add(below: vertex, to: &vertices)
            }
        }
        values = graph.flow.flatMap { graph.nodes.nodes[$0].output }.filter { name in
            guard let vertex = vertexOfValue[name] else { return false }
            return readers.contains(name) && !vertices[vertex].isBypassed
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
