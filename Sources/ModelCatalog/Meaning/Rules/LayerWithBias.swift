/// A product of matrices and a bias added to it, `MatMul` and `Add`, are one `Gemm`.
///
/// `Operators.md`, `Gemm`: A·B + C with its default factors, C spread over the rows. The rule fires where A has two dimensions, B is a
/// constant of two, C one of as many elements as B has columns, and nobody else reads the product: there runtimes put the two
/// nodes together themselves, and so round in the same order. With more dimensions a `Gemm` does not exist.
enum LayerWithBias: NodeRule {
    static let operators: Set = ["Add"]

    static func deciding(_ form: NodeForm, in context: FormContext) -> [String] {
        factors(of: form.node, in: context).map { [$0.product.input[0]] } ?? []
    }

    /// The product that `add` adds a bias to, and the bias.
    private static func factors(of add: Onnx_NodeProto, in context: FormContext) -> (
        product: Onnx_NodeProto, bias: String
    )? {
        guard add.input.count == 2 else { return nil }
        for (place, other) in [(0, 1), (1, 0)] {
            guard let product = context.producers[add.input[place]], product.opType == "MatMul",
                product.canonicalDomain.isEmpty, product.input.count == 2, context.readers[add.input[place]] == 1,
                let extents = context.dimensions(product.input[1]), extents.count == 2,
                context.dimensions(add.input[other]) == [extents[1]]
            else { continue }
            return (product, add.input[other])
        }
        return nil
    }

    static func rewrite(_ form: inout NodeForm, in context: FormContext) {
        guard form.opset >= 11, let (product, bias) = factors(of: form.node, in: context),
            context.shapes[product.input[0]]?.count == 2
        else { return }
        form.node.opType = "Gemm"
        form.node.input = product.input + [bias]
    }
}
