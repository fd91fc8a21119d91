public import Dispatching
public import LoadScheduling
public import ServingCore

/// The simulated machine: its catalog as the dispatcher is told of it, and what loads and batches really take.
public struct RollingServer: Sendable {
    /// What the dispatcher is told.
    public var catalog: DispatchCatalog
    /// Seconds each block's load really takes, on average.
    public var loadSeconds: [BlockID: Double]
    /// What a batch of each model really takes, on average; by the model's index in the catalog.
    public var computes: [DispatchCatalog.Compute]

    /// Makes a machine.
    public init(
        catalog: DispatchCatalog,
        loadSeconds: [BlockID: Double],
        computes: [DispatchCatalog.Compute]
    ) {
        precondition(catalog.models.count == computes.count)
        self.catalog = catalog
        self.loadSeconds = loadSeconds
        self.computes = computes
    }

    /// The same models, each one block of its own: each load is a whole one.
    public var whole: RollingServer {
        let whole = catalog.whole
        var seconds: [BlockID: Double] = [:]
        for (model, plain) in zip(whole.models, catalog.models) {
            for block in model.blocks { seconds[block.id] = plain.blocks.reduce(0) { $0 + (loadSeconds[$1.id] ?? 0) } }
        }
        return RollingServer(catalog: whole, loadSeconds: seconds, computes: computes)
    }

    /// The models of `server`, which the dispatcher knows exactly.
    public init(_ server: EdgeServer) {
        var seconds: [BlockID: Double] = [:]
        var models: [DispatchCatalog.Model] = []
        var computes: [DispatchCatalog.Compute] = []
        for (index, model) in server.models.enumerated() {
            let compute = DispatchCatalog.Compute(baseSeconds: model.baseSeconds, itemSeconds: model.itemSeconds)
            let blocks = model.blocks.map { block in
                let id = BlockID("b\(block)")
                seconds[id] = server.blocks[block].loadSeconds
                return ParameterBlock(id: id, size: ByteCount(server.blocks[block].bytes))
            }
            let id = ModelID(name: "m\(index)", version: 1)
            models.append(DispatchCatalog.Model(id: id, blocks: blocks, isBatchable: true, compute: compute))
            computes.append(compute)
        }
        let catalog = DispatchCatalog(models: models, loadSeconds: seconds)
        self.init(catalog: catalog, loadSeconds: seconds, computes: computes)
    }

    /// The same machine, of which the dispatcher is told wrong: each estimate is off by up to `error`, up or down.
    public func estimated(withError error: Double, seed: UInt64) -> RollingServer {
        var random = SimulationRandom(seed: seed)
        var told = self
        func off(_ seconds: Double) -> Double { seconds * (1 + .random(in: -error...error, using: &random)) }
        for block in loadSeconds.keys.sorted() { told.catalog.loadSeconds[block] = loadSeconds[block].map(off) }
        for index in computes.indices {
            told.catalog.models[index].compute = DispatchCatalog.Compute(
                baseSeconds: off(computes[index].baseSeconds),
                itemSeconds: off(computes[index].itemSeconds)
            )
        }
        return told
    }
}
