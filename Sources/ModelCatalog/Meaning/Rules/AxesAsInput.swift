/// Lists that older versions have as an attribute are an input, as newer versions have them.
///
/// `Squeeze`, `Unsqueeze`, `ReduceSum` (version 13) and the other reductions (version 18) take `axes` as their second
/// input, `Split` (13) its `split`: "Changelog.md" has the same words for both. An empty list is left alone: as an input it may
/// mean all axes or none (`noop_with_empty_axes`).
enum AxesAsInput: NodeRule {
    private static let versions: [String: (attribute: String, opset: Int)] = {
        var result: [String: (String, Int)] = ["Split": ("split", 13)]
        for name in ["Squeeze", "Unsqueeze", "ReduceSum"] { result[name] = ("axes", 13) }
        let reductions = ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "SumSquare"]
        for name in reductions { result["Reduce" + name] = ("axes", 18) }
        return result
    }()

    static let operators = Set(versions.keys)

    static func rewrite(_ form: inout NodeForm, in context: FormContext) {
        guard let (name, opset) = versions[form.node.opType], form.opset < opset, form.node.input.count == 1,
            let list = form.node.attribute.first(where: { $0.name == name }), list.type == .ints, !list.ints.isEmpty
        else { return }
        form.setInput(1, to: list.ints.map(Int.init(clamping:)), removing: name)
        form.opset = opset
    }
}
