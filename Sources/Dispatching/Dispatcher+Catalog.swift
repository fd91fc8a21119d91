import LoadScheduling
import ServingCore

extension Dispatcher {
    /// Takes in a catalog: new models get indices, changed ones new indices, models that are gone stop being served.
    mutating func adopt(_ new: DispatchCatalog) {
        var known = catalog.servable
        for model in new.models {
            if let index = known.removeValue(forKey: model.id), isSame(index, model) { continue }
            insert(model, loadSeconds: new.loadSeconds)
        }
        for (id, _) in known { catalog.remove(id) }
        server.groupBlocks()
    }

    private func isSame(_ index: Int, _ model: DispatchCatalog.Model) -> Bool {
        catalog.forms[index] == model.form && catalog.isBatchable[index] == model.isBatchable
            && server.models[index].blocks.map { catalog.blocks[$0].id } == model.blocks.map(\.id)
    }

    /// The forms of models that something under way still needs: batches that wait or run, the load under way, pins.
    ///
    /// - Complexity: O(planned batches).
    public var formsInUse: Set<ModelForm> {
        var models = Set(plan.outlines.map(\.model)).union(pins.models).union(pins.pending.map(\.model))
        if let running { models.insert(running.model) }
        if let model = loading?.model { models.insert(model) }
        return Set(models.map { catalog.forms[$0] })
    }

    private mutating func insert(_ model: DispatchCatalog.Model, loadSeconds: [BlockID: Double]) {
        let blocks = model.blocks.map { index(of: $0, loadSeconds: loadSeconds[$0.id]) }
        _ = catalog.insert(model)
        let (base, item) = startingEstimate(of: model)
        let isMeasured = model.compute != nil
        let estimate = ComputeEstimate(base: max(base, 0), item: max(item, 1e-9), isMeasured: isMeasured)
        let shape = [model.isBatchable ? 1 : 0] + blocks.map { server.blocks[$0].bytes }
        computeEstimates.append(estimate, shape: shape)
        loadedSinceRun.append(LoadTally())
        lastUsed.append(-.infinity)
        let size = model.isBatchable ? configuration.maximumBatchSize : configuration.maximumSequentialBatchSize
        server.models.append(
            EdgeServer.Model(
                blocks: blocks,
                baseSeconds: 0,
                itemSeconds: 0,
                maximumBatchSize: max(size, 1)
            )
        )
        publishComputeEstimate(of: server.models.count - 1)
    }

    /// What was measured before, else the configured guess.
    private func startingEstimate(of model: DispatchCatalog.Model) -> (base: Double, item: Double) {
        if let measured = model.compute { return (measured.baseSeconds, measured.itemSeconds) }
        let estimates = configuration.estimates
        // One by one, every request pays the base; it is not there twice.
        guard model.isBatchable else { return (0, estimates.baseSeconds + estimates.itemSeconds) }
        return (estimates.baseSeconds, estimates.itemSeconds)
    }

    private mutating func index(of block: ParameterBlock, loadSeconds: Double?) -> Int {
        let (index, isNew) = catalog.insert(block)
        if isNew {
            let bytes = max(block.size.rawValue, 0)
            loadEstimates.append(bytes: bytes, measured: loadSeconds)
            usage.append(BlockUsage())
            server.blocks.append(EdgeServer.Block(bytes: bytes, loadSeconds: 0))
            publishLoadEstimate(of: index)
        }
        return index
    }

    /// Changes to another catalog while running.
    mutating func change(to new: DispatchCatalog, _ actions: inout [DispatchAction]) {
        adopt(new)
        planVersion += 1
        let served = Set(catalog.servable.values)
        for model in Set(plan.outlines.map(\.model)).subtracting(served).sorted() where successor(of: model) == nil {
            let error = ServingError(.modelUnavailable, "\(catalog.modelIDs[model]) was taken out of the catalog")
            failAll(of: model, error, &actions)
        }
        for model in pins.models.subtracting(served).sorted() { movePin(of: model) }
        for index in pins.pending.indices {
            pins.pending[index].model = successor(of: pins.pending[index].model) ?? pins.pending[index].model
        }
        dropPins(notIn: served, &actions)
        planning.isDirty = true
    }

    /// What a model is now, where only its blocks are others: what waits for the old ones is still served with them.
    private func successor(of model: Int) -> Int? { catalog.index(of: catalog.modelIDs[model]) }

    /// Keeps a model in memory whose blocks are others now: they are loaded like those of any pin.
    private mutating func movePin(of model: Int) {
        guard let successor = successor(of: model) else { return }
        pins.pending.append(PinState.Pending(model: successor, since: state.now))
    }
}
