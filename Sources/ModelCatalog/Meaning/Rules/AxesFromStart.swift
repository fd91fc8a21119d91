/// Axes are counted from the start where the number of dimensions is known, and lists of them that are sets are sorted.
///
/// `Operators.md`: a negative axis counts from the back, axis r - 1 being -1. The order of `axes` says nothing in `Squeeze`, `Unsqueeze`
/// ("the order of values in axes does not matter") and the reductions, which take them together. `LayerNormalization` and its kin
/// keep -1, their default, for the last axis.
enum AxesFromStart: NodeRule {
    /// Operators with one axis as an attribute, and what it is where it is left out.
    private static let single: [String: Int64] = [
        "ArgMax": 0, "ArgMin": 0, "Concat": 0, "Gather": 0, "GatherElements": 0, "LayerNormalization": -1,
        "ScatterElements": 0, "Split": 0, "TopK": -1,
    ]
    private static let lists: Set = [
        "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd",
        "ReduceSum", "ReduceSumSquare", "Squeeze", "Unsqueeze",
    ]

    static let operators = Set(single.keys).union(lists)

    static func deciding(_ form: NodeForm, in context: FormContext) -> [String] {
        let isOpen: Bool
        if let axes = list(form, context) {
            isOpen = axes.contains { $0 < 0 } || axes != axes.sorted()
        } else {
            let axis = form.node.attribute.first { $0.name == "axis" }?.i ?? 0
            isOpen = axis < 0 ? single[form.node.opType] != axis : axis > 0 && single[form.node.opType] == -1
        }
        return isOpen ? Array(form.node.input.prefix(1)) : []
    }

    /// The axes of a reduction, `Squeeze` or `Unsqueeze`; nil for others, and where they are not constant.
    private static func list(_ form: NodeForm, _ context: FormContext) -> [Int]? {
        guard lists.contains(form.node.opType) else { return nil }
        if let attribute = form.node.attribute.first(where: { $0.name == "axes" }) {
            return attribute.ints.map(Int.init(clamping:))
        }
        return form.integers(at: 1, in: context)
    }

    static func rewrite(_ form: inout NodeForm, in context: FormContext) {
        guard let input = form.node.input.first, let rank = context.rank(input) else { return }
        if let standard = single[form.node.opType] {
            rewriteAxis(&form, rank: rank, standard: standard)
        } else if let axes = list(form, context), !axes.isEmpty {
            let whole = form.node.opType == "Unsqueeze" ? rank + axes.count : rank
            let places = axes.map { $0 < 0 ? $0 + whole : $0 }.sorted()
            guard places != axes, places.allSatisfy((0..<whole).contains), Set(places).count == places.count else {
                return
            }
            if form.node.input.count == 2 {
                form.setInput(1, to: places, removing: "axes")
            } else {
                setAttribute("axes", &form) { $0.ints = places.map(Int64.init) }
            }
        }
    }

    private static func rewriteAxis(_ form: inout NodeForm, rank: Int, standard: Int64) {
        guard let axis = form.node.attribute.first(where: { $0.name == "axis" }), axis.type == .int, rank > 0 else {
            return
        }
        let place = axis.i < 0 ? axis.i + Int64(rank) : axis.i
        guard (0..<Int64(rank)).contains(place) else { return }
        let isLast = standard == -1 && place == Int64(rank) - 1
        setAttribute("axis", &form) { $0.i = isLast ? -1 : place }
    }

    private static func setAttribute(
        _ name: String,
        _ form: inout NodeForm,
        _ change: (inout Onnx_AttributeProto) -> Void
    ) {
        for index in form.node.attribute.indices where form.node.attribute[index].name == name {
            change(&form.node.attribute[index])
        }
    }
}
