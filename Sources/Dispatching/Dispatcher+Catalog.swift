import LoadScheduling
import ServingCore

extension Dispatcher {
    /// Takes in a catalog: new models get indices, changed ones new indices, models that are gone stop being served.
    mutating func adopt(_ new: DispatchCatalog) {
        releaseIndices(keeping: new)
        var known = catalog.servable
        for model in new.models {
            if let index = known.removeValue(forKey: model.id), isSame(index, model) { continue }
            insert(model, loadSeconds: new.loadSeconds)
        }
        for (id, _) in known { catalog.remove(id) }
        costs.groupBlocks()
    }

    private func isSame(_ index: Int, _ model: DispatchCatalog.Model) -> Bool {
        catalog.forms[index] == model.form && catalog.isBatchable[index] == model.isBatchable
            && server.models[index].blocks.map { catalog.blocks[$0].id } == model.blocks.map(\.id)
    }

    /// The forms of models that something under way still needs: batches that wait or run, the load under way, pins.
    ///
    /// - Complexity: O(planned batches).
    public var formsInUse: Set<ModelForm> {
        var models = queue.waitingModels.union(pins.models).union(pins.pending.map(\.model))
        models.formUnion(accelerator.running.map(\.model))
        if let model = accelerator.load?.model { models.insert(model) }
        return Set(models.map { catalog.forms[$0] })
    }

    private mutating func insert(_ model: DispatchCatalog.Model, loadSeconds: [BlockID: Double]) {
        let blocks = model.blocks.map { index(of: $0, loadSeconds: loadSeconds[$0.id]) }
        let (place, isReused) = catalog.insert(model)
        let (base, item) = startingEstimate(of: model)
        let isMeasured = model.compute != nil
        let estimate = ComputeEstimate(base: max(base, 0), item: max(item, 1e-9), isMeasured: isMeasured)
        let shape = [model.isBatchable ? 1 : 0] + blocks.map { server.blocks[$0].bytes }
        let size = model.isBatchable ? configuration.maximumBatchSize : configuration.maximumSequentialBatchSize
        let entry = EdgeServer.Model(blocks: blocks, baseSeconds: 0, itemSeconds: 0, maximumBatchSize: max(size, 1))
        if isReused { accelerator.replaceModel(place) } else { accelerator.appendModel() }
        costs.insert(entry, at: place, estimate, shape: shape, caution: caution)
    }

    /// What was measured before, else the configured guess.
    private func startingEstimate(of model: DispatchCatalog.Model) -> (base: Double, item: Double) {
        if let measured = model.compute { return (measured.baseSeconds, measured.itemSeconds) }
        let estimates = configuration.estimates
        // One by one, every request pays the base; it is not there twice.
        guard model.isBatchable else { return (0, estimates.baseSeconds + estimates.itemSeconds) }
        return (estimates.baseSeconds, estimates.itemSeconds)
    }

    /// The index of a block, which gets one where it has none.
    mutating func index(of block: ParameterBlock, loadSeconds: Double?) -> Int {
        let (index, isNew) = catalog.insert(block)
        guard isNew else { return index }
        costs.insertBlock(at: index, bytes: max(block.size.rawValue, 0), measured: loadSeconds, caution: caution)
        return index
    }

    /// Finds the indices that nothing refers to, neither the catalog that is served nor `new`, nor what waits, runs, loads, stays or is
    /// in memory, so that new models and blocks get them: otherwise each reload would leave some behind.
    /// - Complexity: O(models and their blocks, and batches).
    private mutating func releaseIndices(keeping new: DispatchCatalog) {
        // What is in flight names blocks by index.
        guard accelerator.load == nil else { return }
        var isUsed = Array(repeating: false, count: server.models.count)
        for index in catalog.servable.values { isUsed[index] = true }
        for model in queue.waitingModels { isUsed[model] = true }
        for batch in accelerator.running { isUsed[batch.model] = true }
        for pending in pins.pending { isUsed[pending.model] = true }
        for model in pins.models { isUsed[model] = true }
        var kept = state.resident
        for set in [state.pinned, state.executing, pins.claimed, pins.evictions, accelerator.unevictable] {
            kept.formUnion(set)
        }
        for model in isUsed.indices {
            guard isUsed[model] else {
                costs.clear(model)
                continue
            }
            kept.formUnion(server.models[model].blockSet)
        }
        for block in new.models.lazy.flatMap(\.blocks) {
            if let index = catalog.index(of: block.id) { kept.insert(index) }
        }
        catalog.releaseModels(isUsed.indices.filter { !isUsed[$0] })
        catalog.releaseBlocks(server.blocks.indices.filter { !kept.contains($0) })
    }

    /// Changes to another catalog while running.
    mutating func change(to new: DispatchCatalog, _ actions: inout [DispatchAction]) {
        adopt(new)
        queue.noteMachineChange()
        let served = Set(catalog.servable.values)
        for model in queue.waitingModels.subtracting(served).sorted() where successor(of: model) == nil {
            let error = ServingError(.modelUnavailable, "\(catalog.modelIDs[model]) was taken out of the catalog")
            failAll(of: model, error, &actions)
        }
        for model in pins.models.subtracting(served).sorted() { movePin(of: model) }
        for index in pins.pending.indices {
            pins.pending[index].model = successor(of: pins.pending[index].model) ?? pins.pending[index].model
        }
        dropPins(notIn: served, &actions)
        updateClaims()
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
