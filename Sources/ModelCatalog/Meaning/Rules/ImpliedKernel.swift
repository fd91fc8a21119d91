/// A convolution's `kernel_shape` that only repeats the shape of its weights is left out.
///
/// `Operators.md`, `Conv`, `ConvTranspose`, `ConvInteger`, `QLinearConv`: "If not present, should be inferred from input W."
enum ImpliedKernel: NodeRule {
    private static let weightPlaces = ["Conv": 1, "ConvTranspose": 1, "ConvInteger": 1, "QLinearConv": 3]

    static let operators = Set(weightPlaces.keys)

    static func rewrite(_ form: inout NodeForm, in context: FormContext) {
        guard let place = weightPlaces[form.node.opType], form.node.input.indices.contains(place),
            let extents = context.dimensions(form.node.input[place])
        else { return }
        form.node.attribute.removeAll { attribute in
            attribute.name == "kernel_shape" && attribute.refAttrName.isEmpty
                && attribute.ints.map(Int.init(clamping:)) == Array(extents.dropFirst(2))
        }
    }
}
