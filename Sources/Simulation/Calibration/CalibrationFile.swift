public import Dispatching
public import ServingCore

/// What `gateway calibrate --out` measured on the real engine: constants for the experiments, and a store's models for traces.
public struct CalibrationFile: Hashable, Sendable {
    /// A model of the store.
    public struct Model: Hashable, Sendable {
        /// What the dispatcher is told of it; with ``DispatchCatalog/Model/compute`` as measured.
        public var entry: DispatchCatalog.Model
        /// What a body with one row of its inputs has, in bytes.
        public var bodyBytes: Int

        /// Makes a model.
        public init(entry: DispatchCatalog.Model, bodyBytes: Int) {
            self.entry = entry
            self.bodyBytes = bodyBytes
        }
    }

    /// What loads and batches take, block by block and operation by operation.
    public var costs: CostModel
    /// The store's models, with what their batches were measured to take.
    public var models: [Model]
    /// Seconds each of their blocks was measured to take.
    public var loadSeconds: [BlockID: Double]

    /// By how much longer a load or batch takes while the other goes on, as a part of what it takes alone.
    /// For all alike, where ``variation`` is not known.
    public var contention: Double
    /// How much loads and batches vary, alone and beside the other; nil where that was not measured.
    public var variation: WorkVariation?
    /// Seconds an order of loads takes beside its blocks': what goes out of memory goes first.
    public var orderSeconds: Double
    /// How many batches at once served most, and what busy lanes cost each other; nil where that was not measured.
    public var lanes: Lanes?

    /// How many batches at once served most.
    public struct Lanes: Hashable, Sendable {
        /// How many lanes that were.
        public var count: Int
        /// By what part a batch took longer while all other lanes were busy.
        public var slowdown: Double

        /// Makes a measurement.
        public init(count: Int, slowdown: Double) {
            self.count = count
            self.slowdown = slowdown
        }
    }

    /// Makes a file's content.
    public init(
        costs: CostModel,
        models: [Model],
        loadSeconds: [BlockID: Double],
        contention: Double = 0,
        variation: WorkVariation? = nil,
        orderSeconds: Double = 0,
        lanes: Lanes? = nil
    ) {
        self.costs = costs
        self.models = models
        self.loadSeconds = loadSeconds
        self.contention = contention
        self.variation = variation
        self.orderSeconds = orderSeconds
        self.lanes = lanes
    }

    /// The machine that was measured; its dispatcher is told what was measured.
    public var server: RollingServer {
        RollingServer(
            catalog: DispatchCatalog(models: models.map(\.entry), loadSeconds: loadSeconds),
            loadSeconds: loadSeconds,
            computes: models.map { $0.entry.compute ?? DispatchCatalog.Compute(baseSeconds: 0, itemSeconds: 0) }
        )
    }
}
