import ServingCore

/// Follows shapes through a graph, from those of its inputs on: which extents are the same for every request, and which are
/// the number of rows.
///
/// The rules are those of `Operators.md`. What has no rule here is unknown; nothing is guessed.
struct ShapeFlow {
    /// What is known, by name.
    private(set) var facts: [String: ShapeFact] = [:]
    /// The number of rows that the file fixes; nil where it leaves it open.
    let rows: Int?
    private let constants: GraphInitializers
    private var added: [String: [Int]] = [:]

    /// Starts with the inputs of `graph`: the first extent of each is the number of rows where it varies, or is `rows`.
    init(_ graph: Onnx_GraphProto, rows: Int?) {
        self.rows = rows
        var all = graph
        all.initializer += graph.node.compactMap(\.constantTensor)
        constants = GraphInitializers(all)
        for input in graph.input where !constants.contains(input.name) {
            guard let shape = input.specification?.shape else { continue }
            facts[input.name] = ShapeFact(
                shape.enumerated().map { place, extent in
                    if place == 0, extent < 0 || extent == rows { return .rows }
                    return extent < 0 ? .varying : .known(extent)
                }
            )
        }
    }

    /// What is known of a value.
    func fact(_ name: String) -> ShapeFact {
        if let fact = facts[name] { return fact }
        guard let constant = constants.constant(name) else { return .unknown }
        var fact = ShapeFact(constant.dimensions.map(Extent.known))
        if constant.dimensions.count < 2 { fact.elements = constant.integers?.map(Extent.known) }
        return fact
    }

    /// The integers of a constant; nil where it is none, or not of integers.
    func integers(_ name: String) -> [Int]? { added[name] ?? constants.constant(name)?.integers }

    /// Whether the value is a constant of the graph.
    func isConstant(_ name: String) -> Bool { constants.contains(name) }

    /// Adds a vector of integers as a constant.
    mutating func add(_ name: String, _ values: [Int]) {
        added[name] = values
        facts[name] = ShapeFact(elements: values.map(Extent.known))
    }

    /// Notes what is known of a value.
    mutating func note(_ fact: ShapeFact, of name: String) { facts[name] = fact }

    /// Notes what `node` writes; all that it reads has to be noted before.
    mutating func visit(_ node: Onnx_NodeProto) {
        guard node.canonicalDomain.isEmpty, node.attribute.allSatisfy(\.refAttrName.isEmpty), node.subgraphs.isEmpty,
            node.constantTensor == nil
        else { return }
        let elements = ElementRule(node: node, flow: self).result
        let extents = ShapeRule(node: node, flow: self).results
        for (place, name) in node.output.enumerated() where !name.isEmpty {
            if place == 0, let elements {
                facts[name] = elements
            } else if let found = extents.indices.contains(place) ? extents[place] : nil {
                facts[name] = ShapeFact(found)
            }
        }
    }
}

extension Onnx_NodeProto {
    /// An integer attribute; `standard` where it is left out.
    func integer(_ name: String, or standard: Int) -> Int {
        attribute.first { $0.name == name }.map { Int(clamping: $0.i) } ?? standard
    }

    /// A list of integers as an attribute; nil where it is left out.
    func integers(_ name: String) -> [Int]? {
        attribute.first { $0.name == name }.map { $0.ints.map(Int.init(clamping:)) }
    }
}
