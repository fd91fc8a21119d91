import ServingCore

/// What an imported model shares, in one line: with whom how much, or the nearest model and what differs.
struct SharingHint {
    /// The store.
    let store: BlockStore
    /// Its models, without the one imported.
    let others: [CatalogEntry]

    /// Blocks of other models are read up to this many bytes to find the nearest.
    private static let readLimit = 1 << 30

    /// The line about `report`, of what `plan` stored.
    func text(for report: ImportReport, of plan: ImportPlan) throws(CatalogError) -> String {
        let total = report.blocks.reduce(0) { $0 + $1.fileSize.rawValue }
        let shared = report.blocks.filter { !$0.sharedWith.isEmpty }
        let bytes = shared.reduce(0) { $0 + $1.fileSize.rawValue }
        guard !others.isEmpty else { return "shares nothing: there is no other model" }
        var parts: [String] = []
        if bytes > 0 {
            parts.append("shares \(Self.share(bytes, of: total)) with \(Self.users(of: shared))")
        } else {
            parts.append("shares nothing")
        }
        if Double(bytes) < 0.5 * Double(total) { parts.append(try nearest(to: plan, besides: shared.map(\.id))) }
        return parts.joined(separator: "; ")
    }

    /// The model most of whose weights the new one has too, though in blocks that differ.
    private func nearest(to plan: ImportPlan, besides shared: [BlockID]) throws(CatalogError) -> String {
        var own: [String: (bytes: Int, step: Int)] = [:]
        let steps = plan.steps.filter { !shared.contains($0.id) }
        for (index, step) in steps.enumerated() {
            for (key, bytes) in BlockWeights(of: try model(in: step)).bytes { own[key] = (bytes, index) }
        }
        let total = own.values.reduce(0) { $0 + $1.bytes }
        var best: (bytes: Int, model: ModelID, block: BlockID, step: Int)?
        var seen = Set(shared)
        var left = Self.readLimit
        for entry in others.reversed() {
            var (sum, most) = (0, (bytes: 0, block: BlockID(""), step: 0))
            for (block, size) in entry.fileSizes where seen.insert(block).inserted {
                guard size.rawValue <= left else { continue }
                left -= size.rawValue
                let equal = BlockWeights(of: try store.model(in: block)).bytes.keys.compactMap { own[$0] }
                let bytes = equal.reduce(0) { $0 + $1.bytes }
                sum += bytes
                if bytes > most.bytes, let step = equal.max(by: { $0.bytes < $1.bytes })?.step {
                    most = (bytes, block, step)
                }
            }
            if sum > best?.bytes ?? 0 { best = (sum, entry.model.id, most.block, most.step) }
        }
        guard let best else { return "no other model has weights of its own values" }
        let difference = BlockDifference.text(try model(in: steps[best.step]), try store.model(in: best.block))
        return
            "nearest is \(best.model), which has \(Self.share(best.bytes, of: total)) of the weights in other blocks: "
            + "they differ in \(difference)"
    }

    private func model(in step: ImportPlan.Step) throws(CatalogError) -> Onnx_ModelProto {
        try Onnx_ModelProto(block: step.makeBlock().data)
    }

    private static func users(of blocks: [ImportReport.Block]) -> String {
        var bytes: [ModelID: Int] = [:]
        for block in blocks {
            for model in block.sharedWith { bytes[model, default: 0] += block.fileSize.rawValue }
        }
        guard let most = bytes.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return "others" }
        return bytes.count == 1 ? "\(most.key)" : "\(most.key) and \(bytes.count - 1) more"
    }

    private static func share(_ bytes: Int, of total: Int) -> String {
        "\(bytes) of \(total) bytes (\(total > 0 ? Int((100 * Double(bytes) / Double(total)).rounded(.down)) : 0) %)"
    }
}
