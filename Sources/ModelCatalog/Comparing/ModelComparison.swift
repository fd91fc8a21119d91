public import ServingCore

/// Models side by side: which layers are the same, how others differ from those of the first model, and what sharing saves.
public struct ModelComparison: Sendable {
    /// A layer of a model beside one of the first.
    public struct Row: Hashable, Sendable {
        /// The layer of the model, from 0; nil where only the first model has it.
        public var layer: Int?
        /// The layer of the first model, from 0; nil where there is none.
        public var baseLayer: Int?
        /// What comparing them came to.
        public var verdict: LayerVerdict
    }

    /// A model compared with the first.
    public struct Pair: Hashable, Sendable {
        /// The model, by its place among the models.
        public var model: Int
        /// Its layers in order, then those that only the first model has.
        public var rows: [Row]
    }

    /// The models; all others are compared with the first.
    public let models: [ComparedModel]
    /// One for each model but the first.
    public let pairs: [Pair]
    /// What the models' blocks take where each model has its own, in bytes.
    public let bytesAlone: Int
    /// What they take where equal blocks are stored once, in bytes.
    public let bytesTogether: Int

    /// Compares `models`.
    ///
    /// Throws ``CatalogError`` where a block of a store cannot be read.
    /// - Complexity: O(bytes of the weights of layers that are not equal + layers × layers of the first model).
    public init(_ models: [ComparedModel]) throws(CatalogError) {
        self.models = models
        var pairs: [Pair] = []
        if let base = models.first {
            for index in models.indices.dropFirst() {
                pairs.append(Pair(model: index, rows: try Self.rows(of: models[index], against: base)))
            }
        }
        self.pairs = pairs
        bytesAlone = models.reduce(0) { $0 + $1.bytes }
        var seen = Set<BlockID>()
        let all = models.flatMap(\.layers)
        bytesTogether = all.reduce(0) { seen.insert($1.block).inserted ? $0 + $1.bytes : $0 }
    }

    /// What sharing saves, in bytes.
    public var bytesSaved: Int { bytesAlone - bytesTogether }

    /// What loading every model takes, each by itself and equal blocks once; nil where `seconds` does not know each block.
    public func loadSeconds(_ seconds: (BlockID) -> Double?) -> (alone: Double, together: Double)? {
        var known: [BlockID: Double] = [:]
        for block in Set(models.flatMap(\.layers).map(\.block)) {
            guard let found = seconds(block) else { return nil }
            known[block] = found
        }
        let alone = models.map { Set($0.layers.map(\.block)).reduce(0) { $0 + (known[$1] ?? 0) } }
        return (alone.reduce(0, +), known.values.reduce(0, +))
    }

    private static func rows(of model: ComparedModel, against base: ComparedModel) throws(CatalogError) -> [Row] {
        let alignment = LayerAlignment(of: model.layers.map(\.facts), against: base.layers.map(\.facts))
        let weights = base.layers.reduce(into: Set<String>()) { $0.formUnion($1.facts.weights.keys) }
        var rows: [Row] = []
        for (index, layer) in model.layers.enumerated() {
            let partner = alignment.partners[index]
            let other = partner.map { base.layers[$0] }
            let verdict = try Self.verdict(layer, other, match: alignment.matches[index], weights: weights)
            rows.append(Row(layer: index, baseLayer: partner, verdict: verdict))
        }
        let own = model.layers.reduce(into: Set<String>()) { $0.formUnion($1.facts.weights.keys) }
        return rows
            + alignment.leftOver.map {
                Row(layer: nil, baseLayer: $0, verdict: unmatched(base.layers[$0], weights: own))
            }
    }

    private static func verdict(
        _ layer: ComparedModel.Layer,
        _ other: ComparedModel.Layer?,
        match: LayerFacts.Match,
        weights: Set<String>
    ) throws(CatalogError) -> LayerVerdict {
        guard let other, match != .none else { return unmatched(layer, weights: weights) }
        if match == .equal { return .equal }
        let (own, theirs) = (try layer.read(), try other.read())
        if match == .weights { return .form(why: BlockDifference.text(own, theirs)) }
        let distance = WeightDistance(LayerFacts.weights(in: theirs), LayerFacts.weights(in: own))
        let form = BlockDifference.form(own, theirs)
        return .near(largestDifference: distance?.largest, largestWeight: distance?.scale, form: form)
    }

    private static func unmatched(_ layer: ComparedModel.Layer, weights: Set<String>) -> LayerVerdict {
        let found = layer.facts.weights.filter { weights.contains($0.key) }
        return .different(
            weightBytesFound: found.values.reduce(0, +),
            of: layer.facts.weights.values.reduce(0, +)
        )
    }
}
