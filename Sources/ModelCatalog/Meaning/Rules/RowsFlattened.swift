/// Whatever lays all dimensions but the first in one is a `Flatten`.
///
/// `Reshape` to `[0, -1]`, `[-1, K]` or `[N, K]` where the input has N rows of K elements, and `Squeeze` of all
/// dimensions from the third on, keep the elements' order and give N rows of K (`Operators.md`), as `Flatten` does with its
/// default axis 1. They do not where K is another number, or not known.
enum RowsFlattened: NodeRule {
    static let operators: Set = ["Flatten", "Reshape", "Squeeze"]

    static func deciding(_ form: NodeForm, in context: FormContext) -> [String] { Array(form.node.input.prefix(1)) }

    static func rewrite(_ form: inout NodeForm, in context: FormContext) {
        guard let input = form.node.input.first, let shape = context.shapes[input], shape.count >= 2,
            isFlattening(form, shape, context)
        else { return }
        form.node.opType = "Flatten"
        form.node.input = [input]
        form.node.attribute = []
    }

    private static func isFlattening(_ form: NodeForm, _ shape: [Int], _ context: FormContext) -> Bool {
        let list = form.node.input.count == 2 ? form.integers(at: 1, in: context) : nil
        switch form.node.opType {
        case "Flatten":
            let axis = form.integer("axis", 1)
            return axis == 1 || axis == 1 - Int64(shape.count)
        case "Squeeze":
            let axes = list.map { Set($0.map { $0 < 0 ? $0 + shape.count : $0 }) }
            return shape.count > 2 && shape.dropFirst(2).allSatisfy { $0 == 1 } && axes == Set(2..<shape.count)
        default:
            guard let list, list.count == 2 else { return false }
            // With `allowzero` a zero is an extent of zero, without it a copy of the input's extent.
            if list[0] == 0 { return form.integer("allowzero", 0) == 0 && list[1] == -1 }
            guard list[1] > 0 || list[0] > 0 else { return false }
            let isOwnRow = list[1] == rowLength(shape) || list[1] == -1
            return list[0] == -1 ? isOwnRow && list[1] > 0 : list[0] == shape[0] && isOwnRow
        }
    }

    /// How many elements a row has; nil where that is not known.
    private static func rowLength(_ shape: [Int]) -> Int? {
        var product = 1
        for extent in shape.dropFirst() {
            let (next, overflow) = product.multipliedReportingOverflow(by: extent)
            guard extent >= 0, !overflow else { return nil }
            product = next
        }
        return product
    }
}
