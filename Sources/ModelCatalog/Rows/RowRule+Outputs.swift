extension RowRule {
    /// What each of its outputs is; an output that has no rule here is not known to have rows.
    var results: [RowState] {
        let first = result
        return node.output.indices.map { $0 == 0 ? first : further($0, beside: first) }
    }

    private func further(_ output: Int, beside first: RowState) -> RowState {
        guard let rank = first.rank else { return first }
        switch (node.opType, output) {
        case ("Split", _), ("TopK", 1), ("Dropout", 1): return .rows(rank: rank)
        // Means and deviations, with 1 for each extent that was averaged.
        case ("LayerNormalization", 1), ("LayerNormalization", 2): return .rows(rank: rank)
        case ("MaxPool", 1): return mixed("numbers its elements through all rows")
        default: return unknown
        }
    }

    /// The state of all outputs where an input that depends on the number of rows is taken for anything but an extent of the
    /// output, or for numbers of rows; nil where none is.
    var misusedSize: RowState? {
        // Numbers of rows beside what to take of each.
        if node.opType == "Concat" { return nil }
        let isMisused = inputs.enumerated().contains { index, state in
            state.isSize && !(Self.extentInputs[node.opType]?.contains(index) ?? false)
        }
        return isMisused ? mixed("depends on the number of rows") : nil
    }

    /// The inputs that say how large the output is, or which row of the batch is meant: rows may be numbered where each takes
    /// its own.
    private static let extentInputs = [
        "AffineGrid": [1], "Expand": [1], "Reshape": [1], "Resize": [3], "GatherElements": [1], "GatherND": [1],
        "ScatterElements": [1], "ScatterND": [1],
    ]

    /// The extents of a tensor of rows, the first of which is their number, or all of its elements counted.
    var extents: RowState {
        guard let rank = inputs.first?.rank else { return unknown }
        guard node.opType == "Shape" else { return .sizes(.somehow, count: 1) }
        let limit = { (value: Int) in min(max(value < 0 ? value + rank : value, 0), rank) }
        let start = limit(integer("start") ?? 0)
        let end = max(limit(integer("end") ?? rank), start)
        guard start == 0, end > 0 else { return .shape(count: end - start) }
        return end == 1 ? .sizes(.itself, count: 1) : .sizes(.first, count: end)
    }
}
