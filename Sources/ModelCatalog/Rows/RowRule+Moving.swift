extension RowRule {
    /// For operators that move elements without changing them; nil for others.
    var movingResult: RowState? {
        guard let rank = inputs.first?.rank else { return node.opType == "Gather" ? embedding : nil }
        switch node.opType {
        case "Concat": return concatenation(rank)
        case "Expand": return expansion(rank)
        case "Pad", "Resize", "Tile": return unknown
        case "Flatten": return (integer("axis") ?? 1) >= 1 ? .rows(rank: 2) : unknown
        case "Gather": return gather(rank)
        case "GatherElements", "ScatterElements", "Scatter":
            let axis = integer("axis") ?? 0
            return axis == 0 || axis == -rank ? mixed("picks some of the rows") : unknown
        case "Reshape": return reshape
        case "Slice": return slice(rank)
        case "Squeeze", "Unsqueeze": return squeeze(rank)
        case "Transpose": return integers("perm")?.first == 0 ? .rows(rank: rank) : unknown
        default: return nil
        }
    }

    /// A table's entries for each index.
    private var embedding: RowState? {
        guard inputs.count == 2, let rank = inputs[1].rank, let table = constants[0]?.dimensions,
            integer("axis") ?? 0 == 0
        else { return nil }
        return .rows(rank: rank + table.count - 1)
    }

    private func gather(_ rank: Int) -> RowState {
        let axis = integer("axis") ?? 0
        if axis == 0 || axis == -rank { return mixed("picks some of the rows") }
        guard inputs.count == 2, inputs[1] == .constant, let dimensions = constants[1]?.dimensions
        else { return unknown }
        return .rows(rank: rank - 1 + dimensions.count)
    }

    private func concatenation(_ rank: Int) -> RowState {
        guard let axis = integer("axis") else { return unknown }
        if axis == 0 || axis == -rank { return inputs.count == 1 ? .rows(rank: rank) : mixed("puts rows behind rows") }
        // A constant beside rows has as many rows as whoever wrote the graph thought of.
        return inputs.allSatisfy { $0.rank == rank } ? .rows(rank: rank) : unknown
    }

    /// Only where as many dimensions as there were are as large as they were or more, the first one as large.
    private func expansion(_ rank: Int) -> RowState {
        guard inputs.count == 2, case .sizes(let kind, rank?) = inputs[1], kind != .somehow else { return unknown }
        return .rows(rank: rank)
    }

    /// Only where the first dimension is written as the input's own, or as the number of rows.
    private var reshape: RowState {
        if inputs.count == 2, case .sizes(let kind, let count?) = inputs[1], kind != .somehow {
            return .rows(rank: count)
        }
        guard inputs.count == 2, let shape = constants[1]?.integers, shape.first == 0,
            integer("allowzero") ?? 0 == 0
        else { return unknown }
        return .rows(rank: shape.count)
    }

    private func slice(_ rank: Int) -> RowState {
        let axes = integers("axes") ?? (inputs.count > 3 ? constants[3]?.integers : nil)
        guard let axes, inputs.dropFirst().allSatisfy({ $0.rank == nil }) else { return unknown }
        return axes.contains { $0 == 0 || $0 == -rank } ? unknown : .rows(rank: rank)
    }

    private func squeeze(_ rank: Int) -> RowState {
        guard let axes = integers("axes") ?? (inputs.count > 1 ? constants[1]?.integers : nil) else { return unknown }
        let isAdding = node.opType == "Unsqueeze"
        let whole = isAdding ? rank + axes.count : rank
        guard axes.allSatisfy({ $0 != 0 && $0 != -whole }) else { return unknown }
        return .rows(rank: isAdding ? whole : rank - axes.count)
    }
}
