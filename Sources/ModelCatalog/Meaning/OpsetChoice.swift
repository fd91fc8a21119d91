/// The opset that a graph is written down for: one that gives each of its nodes the meaning it has.
///
/// Of all such opsets it is the one next to ``preferred``; so it follows from the nodes alone, not from the file's number.
/// Parts of one model may come to different ones: ``common(_:)`` is right for all of them together.
struct OpsetChoice {
    /// Wherever the nodes allow it: every runtime has its operators, and exporters write it.
    static let preferred = 17

    private var range = 1...Int.max
    private let versions = OperatorVersions.shared
    private let types: Set<Int32>

    /// Starts without nodes, in a graph whose tensors have `types`.
    init(types: Set<Int32>) {
        self.types = types.union(Self.commonTypes)
    }

    /// The opset that is right for all nodes so far.
    var opset: Int { min(max(Self.preferred, range.lowerBound), range.upperBound) }

    /// Takes in a node that `opset` gives its meaning; its subgraphs' nodes are to be added, too.
    ///
    /// False where no opset is right for this node and those before it.
    mutating func add(_ node: Onnx_NodeProto, at opset: Int) -> Bool {
        let own = versions.opsets(of: node, at: opset, types: types)
        guard own.overlaps(range) else { return false }
        range = range.clamped(to: own)
        return true
    }

    /// The opset for graphs together that were given `opsets` each, if parts of one model; nil for none.
    ///
    /// Each is the one next to ``preferred`` in its range, and some opset is in all ranges. So those that differ from
    /// the preferred one lie on one side of it, and the farthest is in all ranges.
    static func common(_ opsets: [Int]) -> Int? {
        opsets.max { abs($0 - preferred) < abs($1 - preferred) }
    }

    /// Types that nodes make without any tensor of the file having them: float, uint8, int8, int32, int64, bool, double.
    private static let commonTypes: Set<Int32> = [1, 2, 3, 6, 7, 9, 11]
}

extension Onnx_GraphProto {
    /// The element types that the graph's tensors, attributes and declarations name, subgraphs included.
    func elementTypes() throws(CatalogError) -> Set<Int32> {
        var found = Set((input + output + valueInfo).map(\.type.tensorType.elemType))
        try forEachTensor { tensor throws(CatalogError) in found.insert(tensor.dataType) }
        try forEachNode { node throws(CatalogError) in
            for attribute in node.attribute where Self.typeAttributes.contains(attribute.name) {
                found.insert(Int32(clamping: attribute.i))
            }
        }
        return found
    }

    private static let typeAttributes: Set = ["to", "dtype", "output_dtype", "stash_type", "softmax_precision"]
}
