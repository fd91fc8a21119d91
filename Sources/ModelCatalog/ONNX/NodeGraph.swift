/// The nodes of one graph with what each reads and writes, by name.
struct NodeGraph {
    /// The nodes, in the file's order.
    let nodes: [Onnx_NodeProto]
    /// For each node, every value it reads, captures of its subgraphs included.
    let reads: [[String]]
    /// For each value that a node writes, that node.
    let producers: [String: Int]

    /// Indexes `nodes`; throws where two nodes write the same value.
    init(_ nodes: [Onnx_NodeProto]) throws(CatalogError) {
        var reads: [[String]] = []
        var producers: [String: Int] = [:]
        for (index, node) in nodes.enumerated() {
            reads.append(try node.reads())
            for name in node.output where !name.isEmpty {
                guard producers.updateValue(index, forKey: name) == nil else {
                    throw CatalogError(.invalidModel, "value '\(name)' is written by two nodes")
                }
            }
        }
        self.nodes = nodes
        self.reads = reads
        self.producers = producers
    }

    /// The nodes that `roots` depend on, each after those it depends on itself.
    ///
    /// The order is that of a depth-first search along the reads: it depends on the structure alone, not on names or
    /// on the order in the file. The search does not go beyond values in `boundary`. Throws where there is a cycle.
    /// - Complexity: O(nodes + reads).
    func order(reaching roots: [String], stoppingAt boundary: Set<String> = []) throws(CatalogError) -> [Int] {
        var search = DepthFirstSearch(graph: self, boundary: boundary)
        for root in roots { try search.visit(root) }
        return search.order
    }
}

/// The state of ``NodeGraph/order(reaching:stoppingAt:)``: its own stack, since graphs can be deeper than a thread's.
private struct DepthFirstSearch {
    private enum Mark { case open, done }

    private let graph: NodeGraph
    private let boundary: Set<String>
    private var marks: [Int: Mark] = [:]
    private var stack: [(node: Int, nextRead: Int)] = []
    private(set) var order: [Int] = []

    init(graph: NodeGraph, boundary: Set<String>) {
        self.graph = graph
        self.boundary = boundary
    }

    mutating func visit(_ root: String) throws(CatalogError) {
        try open(root)
        while let (node, nextRead) = stack.popLast() {
            if nextRead < graph.reads[node].count {
                stack.append((node, nextRead + 1))
                try open(graph.reads[node][nextRead])
            } else {
                marks[node] = .done
                order.append(node)
            }
        }
    }

    private mutating func open(_ name: String) throws(CatalogError) {
        guard !boundary.contains(name), let node = graph.producers[name] else { return }
        switch marks[node] {
        case .done: return
        case .open: throw CatalogError(.invalidModel, "\(graph.nodes[node].label) depends on its own output")
        case nil:
            marks[node] = .open
            stack.append((node, 0))
        }
    }
}
