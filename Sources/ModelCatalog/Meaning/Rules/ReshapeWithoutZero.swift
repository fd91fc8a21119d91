/// `allowzero` of a `Reshape` to a constant shape without zeros says nothing.
///
/// `Operators.md`, `Reshape`: it only decides what a zero in the shape stands for.
enum ReshapeWithoutZero: NodeRule {
    static let operators: Set = ["Reshape"]

    static func rewrite(_ form: inout NodeForm, in context: FormContext) {
        guard form.node.input.count == 2, let shape = context.integers(form.node.input[1]), !shape.contains(0) else {
            return
        }
        form.node.attribute.removeAll { $0.name == "allowzero" && $0.refAttrName.isEmpty }
    }
}
