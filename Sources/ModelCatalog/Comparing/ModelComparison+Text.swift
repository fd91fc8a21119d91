import ServingCore

extension ModelComparison {
    /// A table of the layers for each model but the first, and the sums.
    public func text(_ setting: ComparisonSetting) -> String {
        var lines = models.map(Self.head)
        for pair in pairs { lines += [""] + table(pair) }
        lines += ["", sums, loadText(setting), runText(setting), freezeText(setting.share)]
        return lines.joined(separator: "\n")
    }

    private static func head(_ model: ComparedModel) -> String {
        var facts = ["\(model.layers.count) layers", "\(model.bytes) bytes"]
        if let opset = model.opset {
            facts += ["opset \(opset)", model.fixedRows.map { "rows fixed at \($0)" } ?? "any number of rows"]
        }
        if let reason = model.fallback { facts.append("kept as one block: \(reason)") }
        return "\(model.name): \(facts.joined(separator: ", "))"
    }

    private func table(_ pair: Pair) -> [String] {
        let (model, base) = (models[pair.model], models[0])
        let columns = pair.rows.map { row -> [String] in
            let layer = row.layer.map { model.layers[$0] } ?? row.baseLayer.map { base.layers[$0] }
            let verdict = row.layer == nil ? "only in \(base.name): \(row.verdict)" : "\(row.verdict)"
            let number = { (index: Int?) in index.map { "\($0 + 1)" } ?? "-" }
            return [number(row.layer), number(row.baseLayer), "\(layer?.bytes ?? 0)", layer?.label ?? "", verdict]
        }
        let head = ["LAYER", "OF FIRST", "BYTES", "NAME", "VERDICT"]
        return ["\(model.name) against \(base.name)"] + TextColumns([head] + columns, rightAligned: 3).lines
    }

    private var sums: String {
        let percent = bytesAlone > 0 ? 100 * Double(bytesSaved) / Double(bytesAlone) : 0
        return "\(bytesAlone) bytes alone, \(bytesTogether) bytes together: sharing saves \(bytesSaved) bytes "
            + "(\(Int(percent.rounded(.down))) %)"
    }

    private func loadText(_ setting: ComparisonSetting) -> String {
        guard let load = loadSeconds(setting.loadSeconds) else {
            let blocks = Set(models.flatMap(\.layers).map(\.block))
            let missing = blocks.count { setting.loadSeconds($0) == nil }
            return "load time is left out: the store has no measurement of \(missing) of \(blocks.count) blocks "
                + "(gateway calibrate)"
        }
        return "loading all takes \(Float(load.alone * 1e3)) ms alone, \(Float(load.together * 1e3)) ms together"
    }

    private func runText(_ setting: ComparisonSetting) -> String {
        let times = models.compactMap(setting.runSeconds)
        guard times.count == models.count else {
            return "run time is left out: the store has no measurement of \(models.count - times.count) of "
                + "\(models.count) models (gateway calibrate)"
        }
        return
            "running a request of each takes \(Float(times.reduce(0, +) * 1e3)) ms; measurements do not tell layers apart"
    }

    private func freezeText(_ share: Double) -> String {
        guard let base = models.first else { return "" }
        let part = FrozenPart(of: base, share: share)
        let last = base.layers.prefix(part.layerCount).last?.label ?? "none"
        return "to share \(Self.percent(share)) of \(base.name), freeze layers 1 to \(part.layerCount), up to \(last): "
            + "\(part.bytes) bytes (\(Self.percent(part.share)))"
    }

    private static func percent(_ share: Double) -> String { "\(Float((share * 1000).rounded() / 10)) %" }
}

/// Lines of columns that stand below each other.
private struct TextColumns {
    let lines: [String]

    /// Lays out rows of equally many cells; the first `rightAligned` columns are numbers.
    init(_ rows: [[String]], rightAligned: Int) {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        lines = rows.map { row in
            zip(row, widths).enumerated().map { column, pair in
                let space = String(repeating: " ", count: max(0, pair.1 - pair.0.count))
                if column == row.count - 1 { return pair.0 }
                return column < rightAligned ? space + pair.0 : pair.0 + space
            }.joined(separator: "  ")
        }
    }
}
