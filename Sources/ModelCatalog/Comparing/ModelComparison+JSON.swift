import FoundationEssentials
import ServingCore

extension ModelComparison {
    /// The comparison as JSON with sorted keys: `models` with their layers, `comparisons` with the first, sums and `freeze`.
    public func json(_ setting: ComparisonSetting) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(WrittenComparison(self, setting)), as: UTF8.self)
    }
}

/// What `gateway compare --json` writes; a layer has only the keys that have a value.
private struct WrittenComparison: Encodable {
    private let comparison: ModelComparison
    private let setting: ComparisonSetting

    init(_ comparison: ModelComparison, _ setting: ComparisonSetting) {
        (self.comparison, self.setting) = (comparison, setting)
    }

    private enum Key: String, CodingKey {
        case models, comparisons, freeze
        case bytesAlone = "bytes_alone"
        case bytesTogether = "bytes_together"
        case bytesSaved = "bytes_saved"
        case loadAlone = "load_s_alone"
        case loadTogether = "load_s_together"
        case run = "run_s"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(comparison.models.map(Model.init), forKey: .models)
        try container.encode(comparison.pairs.map { Pair($0, comparison.models) }, forKey: .comparisons)
        try container.encode(comparison.bytesAlone, forKey: .bytesAlone)
        try container.encode(comparison.bytesTogether, forKey: .bytesTogether)
        try container.encode(comparison.bytesSaved, forKey: .bytesSaved)
        let load = comparison.loadSeconds(setting.loadSeconds)
        try container.encode(load?.alone, forKey: .loadAlone)
        try container.encode(load?.together, forKey: .loadTogether)
        // Not encodeIfPresent: readers expect the key.
        let times = comparison.models.compactMap(setting.runSeconds)
        let run = times.count == comparison.models.count ? times.reduce(0, +) : nil
        try container.encode(run, forKey: .run)
        try container.encode(comparison.models.first.map { Freeze($0, setting.share) }, forKey: .freeze)
    }

    private struct Model: Encodable {
        let name: String
        let bytes: Int
        let opset: Int?
        let rows: Int?
        let fallback: String?
        let layers: [Layer]

        init(_ model: ComparedModel) {
            (name, bytes, opset, rows) = (model.name, model.bytes, model.opset, model.fixedRows)
            fallback = model.fallback
            layers = model.layers.map(Layer.init)
        }
    }

    private struct Layer: Encodable {
        let block: String
        let bytes: Int
        let name: String
        let outputs: [String]

        init(_ layer: ComparedModel.Layer) {
            (block, bytes, name, outputs) = (layer.block.hash, layer.bytes, layer.label, layer.outputs)
        }
    }

    private struct Pair: Encodable {
        let model: String
        let with: String
        let layers: [Row]

        init(_ pair: ModelComparison.Pair, _ models: [ComparedModel]) {
            (model, with) = (models[pair.model].name, models[0].name)
            layers = pair.rows.map(Row.init)
        }
    }

    private struct Row: Encodable {
        let layer: Int?
        let ofFirst: Int?
        let verdict: String
        let text: String
        let largestDifference: Double?
        let largestWeight: Double?

        private enum CodingKeys: String, CodingKey {
            case layer, verdict, text
            case ofFirst = "layer_of_first"
            case largestDifference = "largest_difference"
            case largestWeight = "largest_weight"
        }

        init(_ row: ModelComparison.Row) {
            layer = row.layer.map { $0 + 1 }
            ofFirst = row.baseLayer.map { $0 + 1 }
            (verdict, text) = (row.verdict.name, row.verdict.description)
            guard case .near(let difference, let weight, _) = row.verdict else {
                (largestDifference, largestWeight) = (nil, nil)
                return
            }
            // JSON has no infinity.
            largestDifference = difference.flatMap { $0.isFinite ? $0 : nil }
            largestWeight = weight
        }
    }

    private struct Freeze: Encodable {
        let share: Double
        let layers: Int
        let bytes: Int
        let name: String?

        init(_ model: ComparedModel, _ wanted: Double) {
            let part = FrozenPart(of: model, share: wanted)
            (share, layers, bytes) = (part.share, part.layerCount, part.bytes)
            name = model.layers.prefix(part.layerCount).last?.label
        }
    }
}
