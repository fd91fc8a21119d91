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

        /// Makes an entry.
        public init(id: ModelID, blocks: [ParameterBlock], isBatchable: Bool) {
            self.id = id
            self.blocks = blocks
            self.isBatchable = isBatchable
        }
    }

    /// Every model, each id once.
    public var models: [Model]

    /// Makes a catalog.
    public init(models: [Model] = []) {
        self.models = models
    }

    /// Makes a catalog of servable models.
    public init(_ models: some Sequence<ServableModel>) {
        self.models = models.map { Model(id: $0.id, blocks: $0.blocks, isBatchable: $0.isBatchable) }
    }
}
