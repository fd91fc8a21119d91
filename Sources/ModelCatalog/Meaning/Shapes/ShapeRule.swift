/// The shapes of what a node writes (`Operators.md`); nil for each output that there is no rule for.
struct ShapeRule {
    let node: Onnx_NodeProto
    let flow: ShapeFlow

    /// One for each output, as far as there are rules.
    var results: [[Extent]?] {
        if node.opType == "Split" { return split }
        return [first]
    }

    private static let sameShape: Set = [
        "Abs", "BatchNormalization", "Cast", "Ceil", "Clip", "Dropout", "Elu", "Erf", "Exp", "Floor", "Gelu",
        "HardSigmoid",
        "HardSwish", "Identity", "InstanceNormalization", "LayerNormalization", "LeakyRelu", "Log", "LogSoftmax",
        "Mish",
        "Neg", "Not", "Reciprocal", "Relu", "Round", "Selu", "Sigmoid", "Sign", "Softmax", "Softplus", "Sqrt", "Tanh",
    ]
    private static let broadcasting: Set = [
        "Add", "And", "Div", "Equal", "Greater", "Less", "Max", "Min", "Mod", "Mul", "Or", "PRelu", "Pow", "Sub",
        "Where",
    ]

    private func extents(_ place: Int) -> [Extent]? {
        node.input.indices.contains(place) ? flow.fact(node.input[place]).extents : nil
    }

    private func constant(_ place: Int) -> [Int]? {
        node.input.indices.contains(place) ? flow.integers(node.input[place]) : nil
    }

    private var first: [Extent]? {
        if Self.sameShape.contains(node.opType) { return extents(0) }
        if Self.broadcasting.contains(node.opType) { return broadcast(node.input.indices.map { extents($0) }) }
        switch node.opType {
        case "Conv", "MaxPool", "AveragePool": return WindowShape(node: node, flow: flow).extents
        case "GlobalAveragePool", "GlobalMaxPool":
            return extents(0).map { $0.enumerated().map { $0 < 2 ? $1 : .known(1) } }
        case "Gemm": return gemm
        case "MatMul": return product
        case "Transpose": return transposed
        case "Reshape": return ReshapeTarget(of: node, in: flow)?.extents
        case "Flatten": return flattened
        case "Squeeze", "Unsqueeze": return squeezed
        case "Concat": return joined
        case "Gather": return gathered
        case "Slice": return sliced
        case "Expand": return extents(1) == nil ? nil : expanded
        default: return node.opType.hasPrefix("Reduce") ? reduced : nil
        }
    }

    private func broadcast(_ shapes: [[Extent]?]) -> [Extent]? {
        var result: [Extent] = []
        for case let shape in shapes {
            guard let shape else { return nil }
            let rank = max(result.count, shape.count)
            let padded = { (list: [Extent]) in Array(repeating: Extent.known(1), count: rank - list.count) + list }
            result = zip(padded(result), padded(shape)).map(Extent.broadcast)
        }
        return result
    }

    private var expanded: [Extent]? {
        broadcast([extents(0), flow.fact(node.input[1]).elements])
    }

    /// An axis, counted from the start; nil where it is outside.
    private func axis(_ axis: Int, _ rank: Int) -> Int? {
        let place = axis < 0 ? axis + rank : axis
        return (0..<rank).contains(place) ? place : nil
    }

    private var gemm: [Extent]? {
        guard let left = extents(0), let right = extents(1), left.count == 2, right.count == 2 else { return nil }
        return [left[node.integer("transA", or: 0) == 0 ? 0 : 1], right[node.integer("transB", or: 0) == 0 ? 1 : 0]]
    }

    private var product: [Extent]? {
        guard let left = extents(0), let right = extents(1), left.count >= 2, right.count >= 2,
            let outer = broadcast([Array(left.dropLast(2)), Array(right.dropLast(2))])
        else { return nil }
        return outer + [left[left.count - 2], right[right.count - 1]]
    }

    private var transposed: [Extent]? {
        guard let shape = extents(0) else { return nil }
        let order = node.integers("perm") ?? shape.indices.reversed()
        guard order.count == shape.count, order.allSatisfy(shape.indices.contains) else { return nil }
        return order.map { shape[$0] }
    }

    private var flattened: [Extent]? {
        guard let shape = extents(0), let axis = axis(node.integer("axis", or: 1), shape.count + 1) else { return nil }
        return [shape[..<axis].reduce(.known(1), *), shape[axis...].reduce(.known(1), *)]
    }

    private var squeezed: [Extent]? {
        guard let shape = extents(0), let named = node.integers("axes") ?? constant(1) else { return nil }
        let isAdding = node.opType == "Unsqueeze"
        let rank = isAdding ? shape.count + named.count : shape.count
        let axes = Set(named.compactMap { axis($0, rank) })
        guard axes.count == named.count else { return nil }
        if !isAdding { return shape.indices.filter { !axes.contains($0) }.map { shape[$0] } }
        var rest = shape[...]
        return (0..<rank).map { axes.contains($0) ? .known(1) : rest.popFirst() ?? .unknown }
    }

    private var joined: [Extent]? {
        let shapes = node.input.indices.compactMap { extents($0) }
        guard shapes.count == node.input.count, var result = shapes.first,
            let axis = axis(node.integer("axis", or: 0), result.count), shapes.allSatisfy({ $0.count == result.count })
        else { return nil }
        for shape in shapes.dropFirst() {
            for place in result.indices where place != axis {
                // They are equal, or the model cannot run; the number of rows tells more than a number.
                if shape[place].hasRows || result[place].number == nil && !result[place].hasRows {
                    result[place] = shape[place]
                }
            }
            guard let own = result[axis].number, let more = shape[axis].number else {
                result[axis] = .unknown
                continue
            }
            let (sum, overflow) = own.addingReportingOverflow(more)
            result[axis] = overflow ? .unknown : .known(sum)
        }
        return result
    }

    private var gathered: [Extent]? {
        guard let shape = extents(0), let places = extents(1),
            let axis = axis(node.integer("axis", or: 0), shape.count)
        else { return nil }
        return shape[..<axis] + places + shape[(axis + 1)...]
    }

    private var sliced: [Extent]? {
        guard var shape = extents(0), let starts = constant(1), let ends = constant(2), starts.count == ends.count,
            node.input.count < 5 || node.input[4].isEmpty || constant(4)?.allSatisfy({ $0 == 1 }) ?? false
        else { return nil }
        let axes = node.input.count > 3 && !node.input[3].isEmpty ? constant(3) : Array(starts.indices)
        guard let axes, axes.count == starts.count else { return nil }
        for (place, named) in axes.enumerated() {
            guard let axis = axis(named, shape.count) else { return nil }
            shape[axis] =
                shape[axis].number.map { extent in
                    let limit = { (at: Int) in min(max(at < 0 ? at + extent : at, 0), extent) }
                    return .known(max(0, limit(ends[place]) - limit(starts[place])))
                } ?? .varying
        }
        return shape
    }

    private var split: [[Extent]?] {
        guard let shape = extents(0), let axis = axis(node.integer("axis", or: 0), shape.count) else { return [] }
        let sizes = node.integers("split") ?? constant(1)
        return node.output.indices.map { place in
            var part = shape
            let size = sizes.map { $0.indices.contains(place) ? Extent.known($0[place]) : .unknown }
            part[axis] = size ?? equalPart(of: shape[axis])
            return part
        }
    }

    private func equalPart(of extent: Extent) -> Extent {
        guard let number = extent.number, number % max(1, node.output.count) == 0 else { return .unknown }
        return .known(number / max(1, node.output.count))
    }

    private var reduced: [Extent]? {
        guard let shape = extents(0), let named = node.integers("axes") ?? constant(1), !named.isEmpty else {
            return nil
        }
        let axes = Set(named.compactMap { axis($0, shape.count) })
        guard axes.count == named.count else { return nil }
        let keeps = node.integer("keepdims", or: 1) != 0
        return shape.indices.compactMap { axes.contains($0) ? (keeps ? .known(1) : nil) : shape[$0] }
    }
}
