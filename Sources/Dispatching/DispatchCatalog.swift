public import ServingCore

/// The models that can be asked for, as far as dispatching cares.
public struct DispatchCatalog: Hashable, Sendable {
    /// One model.
    public struct Model: Hashable, Sendable {
        /// Name and version.
        public var id: ModelID
        /// Its blocks, each once, in the order they run.
        public var blocks: [ParameterBlock]
        /// Whether requests run side by side as one tensor.
        public var isBatchable: Bool

        /// What a batch takes, where that was measured before.
        public var compute: Compute?

        /// Tells apart what one id stands for in different catalogs; a batch order names the form it is for.
        public var form: ModelForm

        /// Makes an entry.
        public init(
            id: ModelID,
            blocks: [ParameterBlock],
            isBatchable: Bool,
            compute: Compute? = nil,
            form: ModelForm = ModelForm(rawValue: 0)
        ) {
            self.id = id
            self.blocks = blocks
            self.isBatchable = isBatchable
            self.compute = compute
            self.form = form
        }
    }

    /// What a batch of one model takes: `base + item * requests`.
    public struct Compute: Hashable, Sendable {
        /// Seconds of each batch.
        public var baseSeconds: Double
        /// Seconds each request adds.
        public var itemSeconds: Double

        /// Makes a measurement.
        public init(baseSeconds: Double, itemSeconds: Double) {
            self.baseSeconds = baseSeconds
            self.itemSeconds = itemSeconds
        }
    }

    /// Every model, each id once.
    public var models: [Model]
    /// Seconds to load a block, where that was measured before.
    public var loadSeconds: [BlockID: Double]

    /// Makes a catalog.
    public init(models: [Model] = [], loadSeconds: [BlockID: Double] = [:]) {
        self.models = models
        self.loadSeconds = loadSeconds
    }

    /// What all blocks take together, each counted once.
    public var blockBytes: ByteCount {
        let sizes = Dictionary(models.lazy.flatMap(\.blocks).map { ($0.id, $0.size) }) { first, _ in first }
        return sizes.values.reduce(.zero, +)
    }

    /// Makes a catalog of servable models.
    public init(_ models: some Sequence<ServableModel>) {
        loadSeconds = [:]
        self.models = models.map { Model(id: $0.id, blocks: $0.blocks, isBatchable: $0.isBatchable) }
    }
}
