/// `x * HardSigmoid(x)` with a slope of a sixth is `HardSwish`.
///
/// `Operators.md`, `HardSwish` (version 14), defines it as a function of exactly these two nodes, with alpha 1/6 and beta 0.5,
/// and runtimes without a kernel of its own run that. With another slope it is something else.
enum HardSwishOfSigmoid: NodeRule {
    static let operators: Set = ["Mul"]

    static func rewrite(_ form: inout NodeForm, in context: FormContext) {
        guard form.opset >= 7, form.node.input.count == 2 else { return }
        for (value, gate) in [(0, 1), (1, 0)] {
            guard let sigmoid = context.producers[form.node.input[gate]], sigmoid.opType == "HardSigmoid",
                sigmoid.canonicalDomain.isEmpty, sigmoid.input == [form.node.input[value]], isSixth(sigmoid)
            else { continue }
            form.node.opType = "HardSwish"
            form.node.input = sigmoid.input
            form.opset = max(form.opset, 14)
            return
        }
    }

    private static func isSixth(_ sigmoid: Onnx_NodeProto) -> Bool {
        let settings = Dictionary(sigmoid.attribute.map { ($0.name, $0) }) { first, _ in first }
        guard let alpha = settings["alpha"], alpha.type == .float, alpha.f.bitPattern == Float(1.0 / 6).bitPattern
        else {
            return false
        }
        return settings["beta"].map { $0.type == .float && $0.f == 0.5 } ?? true
    }
}
