/// The elements of a few integers that a node calculates, from extents or constants (`Operators.md`).
struct ElementRule {
    let node: Onnx_NodeProto
    let flow: ShapeFlow

    /// The value with its elements; nil where they are not known.
    var result: ShapeFact? {
        let inputs = node.input.map(flow.fact)
        switch node.opType {
        case "Shape": return shape(inputs)
        case "Cast": return isIntegerCast ? inputs.first.flatMap(withElements) : nil
        case "Identity": return inputs.first.flatMap(withElements)
        case "Unsqueeze", "Reshape", "Squeeze": return moved(inputs)
        case "Gather": return gathered(inputs)
        case "Slice": return sliced(inputs)
        case "Concat": return joined(inputs)
        case "ConstantOfShape": return filled(inputs)
        case "Add", "Sub", "Mul", "Div", "Mod", "Equal": return calculated(inputs)
        case "Where": return chosen(inputs)
        default: return nil
        }
    }

    private func withElements(_ fact: ShapeFact) -> ShapeFact? { fact.elements == nil ? nil : fact }

    /// Casts to int32 and int64 of what fits both.
    private var isIntegerCast: Bool { [6, 7].contains(node.integer("to", or: 0)) }

    private func shape(_ inputs: [ShapeFact]) -> ShapeFact? {
        guard let extents = inputs.first?.extents else { return nil }
        let limit = { (place: Int) in min(max(place < 0 ? place + extents.count : place, 0), extents.count) }
        let (start, end) = (limit(node.integer("start", or: 0)), limit(node.integer("end", or: .max)))
        return ShapeFact(elements: Array(extents[start..<max(start, end)]))
    }

    /// One element, in no dimension or one.
    private func moved(_ inputs: [ShapeFact]) -> ShapeFact? {
        guard let elements = inputs.first?.elements else { return nil }
        if node.opType == "Reshape" {
            guard inputs.count == 2, let target = flow.integers(node.input[1]),
                target == [-1] || target == [elements.count]
            else { return nil }
            return ShapeFact(elements: elements)
        }
        guard elements.count == 1 else { return nil }
        let isScalar = inputs.first?.isScalar ?? false
        if node.opType == "Squeeze" { return isScalar ? nil : ShapeFact(elements: elements, isScalar: true) }
        let axes = node.integers("axes") ?? (node.input.count > 1 ? flow.integers(node.input[1]) : nil)
        return isScalar && (axes == [0] || axes == [-1]) ? ShapeFact(elements: elements) : nil
    }

    private func gathered(_ inputs: [ShapeFact]) -> ShapeFact? {
        guard inputs.count == 2, let data = inputs[0].elements, !inputs[0].isScalar,
            let rank = inputs[1].extents?.count, rank < 2, let places = flow.integers(node.input[1])
        else { return nil }
        let normalised = places.map { $0 < 0 ? $0 + data.count : $0 }
        guard normalised.allSatisfy(data.indices.contains) else { return nil }
        return ShapeFact(elements: normalised.map { data[$0] }, isScalar: rank == 0)
    }

    private func sliced(_ inputs: [ShapeFact]) -> ShapeFact? {
        guard inputs.count >= 3, let data = inputs[0].elements, !inputs[0].isScalar,
            let start = one(inputs[1]), let end = one(inputs[2]),
            inputs.count < 4 || node.input[3].isEmpty || [0, -1].contains(one(inputs[3])),
            inputs.count < 5 || node.input[4].isEmpty || one(inputs[4]) == 1
        else { return nil }
        let limit = { (place: Int) in min(max(place < 0 ? place + data.count : place, 0), data.count) }
        return ShapeFact(elements: Array(data[limit(start)..<max(limit(start), limit(end))]))
    }

    private func one(_ fact: ShapeFact) -> Int? { fact.elements?.count == 1 ? fact.elements?.first?.number : nil }

    private func joined(_ inputs: [ShapeFact]) -> ShapeFact? {
        var all: [Extent] = []
        for input in inputs {
            guard let elements = input.elements, !input.isScalar else { return nil }
            all += elements
        }
        return all.count <= 64 ? ShapeFact(elements: all) : nil
    }

    /// A vector of one number over and over.
    private func filled(_ inputs: [ShapeFact]) -> ShapeFact? {
        guard let lengths = inputs.first?.elements, lengths.count == 1, let count = lengths[0].number,
            (0...64).contains(count),
            let value = node.attribute.first(where: { $0.name == "value" })?.t
        else { return nil }
        var graph = Onnx_GraphProto()
        graph.initializer = [value]
        guard let number = GraphInitializers(graph).constant(value.name)?.integers?.first else { return nil }
        return ShapeFact(elements: Array(repeating: .known(number), count: count))
    }

    private func calculated(_ inputs: [ShapeFact]) -> ShapeFact? {
        guard inputs.count == 2 else { return nil }
        return broadcast(inputs) { pair in combined(pair[0], pair[1]) }
    }

    private func chosen(_ inputs: [ShapeFact]) -> ShapeFact? {
        guard inputs.count == 3 else { return nil }
        return broadcast(inputs) { row in
            switch row[0] {
            case .known(0): row[2]
            case .known: row[1]
            default: row[1] == row[2] ? row[1] : .unknown
            }
        }
    }

    /// Elements side by side; one element stands beside all.
    private func broadcast(_ inputs: [ShapeFact], _ value: ([Extent]) -> Extent) -> ShapeFact? {
        let lists = inputs.compactMap(\.elements)
        let count = lists.map(\.count).max() ?? 0
        guard lists.count == inputs.count, lists.allSatisfy({ $0.count == count || $0.count == 1 }) else { return nil }
        let elements = (0..<count).map { place in value(lists.map { $0.count == 1 ? $0[0] : $0[place] }) }
        return ShapeFact(elements: elements, isScalar: inputs.allSatisfy(\.isScalar))
    }

    private func combined(_ one: Extent, _ other: Extent) -> Extent {
        if node.opType == "Mul" { return one * other }
        if node.opType == "Equal" { return equal(one, other) }
        guard let left = one.number, let right = other.number else { return .unknown }
        let result: (partialValue: Int, overflow: Bool)
        switch node.opType {
        case "Add": result = left.addingReportingOverflow(right)
        case "Sub": result = left.subtractingReportingOverflow(right)
        // Of negative numbers quotients are rounded in several ways.
        case "Div" where left >= 0 && right > 0: result = (left / right, false)
        case "Mod" where left >= 0 && right > 0: result = (left % right, false)
        default: return .unknown
        }
        return result.overflow ? .unknown : .known(result.partialValue)
    }

    /// 1 or 0; an extent is no negative number.
    private func equal(_ one: Extent, _ other: Extent) -> Extent {
        switch (one, other) {
        case (.known(let left), .known(let right)): .known(left == right ? 1 : 0)
        case (.rows, .known(let number)), (.varying, .known(let number)), (.known(let number), .rows),
            (.known(let number), .varying):
            number < 0 ? .known(0) : .unknown
        default: .unknown
        }
    }
}
