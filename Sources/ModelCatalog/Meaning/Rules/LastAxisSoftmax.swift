/// `Softmax`, `LogSoftmax` and `Hardmax` along the last axis are those of version 13 with the default axis.
///
/// Before version 13 they flatten the input to two dimensions at `axis` (default 1) and work along the second; from 13 on
/// they work along `axis` alone (default -1; `Operators.md` and `Changelog.md`). Along the last axis that is the same; along others it is not.
enum LastAxisSoftmax: NodeRule {
    static let operators: Set = ["Softmax", "LogSoftmax", "Hardmax"]

    static func deciding(_ form: NodeForm, in context: FormContext) -> [String] {
        form.integer("axis", form.opset < 13 ? 1 : -1) == -1 ? [] : form.node.input
    }

    static func rewrite(_ form: inout NodeForm, in context: FormContext) {
        let axis = form.integer("axis", form.opset < 13 ? 1 : -1)
        guard form.node.attribute.allSatisfy({ $0.name == "axis" && $0.type == .int }),
            let input = form.node.input.first
        else { return }
        let isLast = axis == -1 || context.rank(input).map { Int(axis) == $0 - 1 } ?? false
        guard isLast else { return }
        var attribute = Onnx_AttributeProto()
        (attribute.name, attribute.type, attribute.i) = ("axis", .int, -1)
        form.node.attribute = [attribute]
        form.opset = max(form.opset, 13)
    }
}
