/// What one operator makes of values that depend on shapes alone: extents, and what is calculated from them.
struct SizeRule {
    /// The node.
    let node: Onnx_NodeProto
    /// What each of its inputs is; left out ones are constant. None has rows.
    let inputs: [RowState]
    /// Of each input that is an initialiser, what is known.
    let constants: [ConstantShape?]

    /// What its outputs are.
    var result: RowState {
        let hasSizes = inputs.contains(where: \.isSize)
        guard node.canonicalDomain.isEmpty else { return hasSizes ? .sizes(.somehow, count: nil) : .shape(count: nil) }
        switch node.opType {
        case "Identity", "Cast": return inputs.first ?? .constant
        case "Squeeze", "Unsqueeze", "Reshape": return moved
        case "Gather": return gathered
        case "Slice": return sliced
        case "Concat": return joined
        default: break
        }
        let isSingle = Self.arithmetic.contains(node.opType) && inputs.indices.allSatisfy { count($0) == 1 }
        guard hasSizes else { return .shape(count: isSingle ? 1 : nil) }
        if isSingle { return .sizes(.somehow, count: 1) }
        switch node.opType {
        case "ConstantOfShape": return filled(besides: [])
        case "Expand": return inputs.first?.isSize == true ? other : filled(besides: constants.first??.dimensions)
        case "EyeLike", "NonZero", "Compress", "Pad", "Resize", "Tile", "TopK", "OneHot", "CenterCropPad": return ragged
        default: return other
        }
    }

    private static let arithmetic: Set = [
        "Add", "Ceil", "Div", "Floor", "Max", "Min", "Mod", "Mul", "Neg", "Sqrt", "Sub",
    ]

    private var other: RowState { .sizes(.somehow, count: nil) }
    private var ragged: RowState { .unknown("\(node.label) gives as many elements as the number of rows says") }

    /// A scalar as a vector, or a vector of one element as a scalar.
    private var moved: RowState {
        let hasSizes = inputs.contains(where: \.isSize)
        guard inputs.dropFirst().allSatisfy({ $0 == .constant }), count(0) == 1 else {
            return hasSizes ? other : .shape(count: nil)
        }
        if case .sizes(let kind, _)? = inputs.first { return .sizes(kind == .first ? .itself : kind, count: 1) }
        return .shape(count: 1)
    }

    /// A tensor of one value, as large as its input says: rows, where the first extent is the number of rows.
    private func filled(besides dimensions: [Int]?) -> RowState {
        let extents = node.opType == "Expand" ? inputs.dropFirst().first : inputs.first
        guard case .sizes(let kind, let count?)? = extents, kind == .first || kind == .itself, let dimensions,
            dimensions.count < count || (dimensions.count == count && dimensions[0] == 1)
        else { return ragged }
        return .rows(rank: count)
    }

    // MARK: Parts of shapes

    private func count(_ index: Int) -> Int? {
        switch inputs[index] {
        case .shape(let count), .sizes(_, let count): return count
        case .constant:
            guard let dimensions = constants[index]?.dimensions, dimensions.count <= 1 else { return nil }
            return dimensions.first ?? 1
        default: return nil
        }
    }

    /// The elements of a shape that stand at `places`.
    private func elements(_ places: [Int], of state: RowState) -> RowState {
        switch state {
        case .shape: return .shape(count: places.count)
        case .sizes(.somehow, _): return .sizes(.somehow, count: places.count)
        case .sizes:
            guard places.contains(0) else { return .shape(count: places.count) }
            if places == [0] { return .sizes(.itself, count: 1) }
            return .sizes(places.first == 0 && !places.dropFirst().contains(0) ? .first : .somehow, count: places.count)
        default: return state
        }
    }

    private var gathered: RowState {
        guard inputs.count == 2, let data = inputs.first, inputs[1] == .constant, let length = count(0),
            let places = constants[1]?.integers, (constants[1]?.dimensions.count ?? 2) <= 1
        else { return inputs.contains(where: \.isSize) ? other : .shape(count: nil) }
        let normalised = places.map { $0 < 0 ? $0 + length : $0 }
        guard normalised.allSatisfy({ (0..<length).contains($0) }) else {
            return data.isSize ? other : .shape(count: nil)
        }
        return elements(normalised, of: data)
    }

    private var sliced: RowState {
        let unknown: RowState = inputs.contains(where: \.isSize) ? other : .shape(count: nil)
        guard let data = inputs.first, let length = count(0), let starts = limits("starts", 1),
            let ends = limits("ends", 2), starts.count == 1, ends.count == 1,
            (limits("axes", 3) ?? [0]).allSatisfy({ $0 == 0 || $0 == -1 }),
            inputs.count < 4 || limits("axes", 3) != nil,
            inputs.count < 5 || constants[4]?.integers == [1]
        else { return unknown }
        let start = min(max(starts[0] < 0 ? starts[0] + length : starts[0], 0), length)
        let end = min(max(ends[0] < 0 ? ends[0] + length : ends[0], start), length)
        return elements(Array(start..<end), of: data)
    }

    private func limits(_ name: String, _ place: Int) -> [Int]? {
        if let attribute = node.attribute.first(where: { $0.name == name }) { return attribute.ints.map { Int($0) } }
        return constants.indices.contains(place) ? constants[place]?.integers : nil
    }

    /// Extents one behind the other; the number of rows is known to be the first where it stands nowhere else.
    private var joined: RowState {
        var total: Int? = 0
        for index in inputs.indices { total = count(index).flatMap { count in total.map { $0 + count } } }
        guard inputs.contains(where: \.isSize) else { return .shape(count: total) }
        guard inputs.dropFirst().allSatisfy(\.isFixed), case .sizes(let kind, _)? = inputs.first, kind != .somehow
        else {
            return .sizes(.somehow, count: total)
        }
        return .sizes(inputs.count == 1 ? kind : .first, count: total)
    }
}
