import ServingCore

extension DispatchCatalog {
    /// The same models with blocks of their own: what two have in common counts, and is loaded, once for each.
    ///
    /// For ``SchedulingPolicy/whole`` and the policies without a plan; see `ServableModel.unshared`.
    /// - Complexity: O(b) for b blocks of all models.
    public var unshared: DispatchCatalog {
        var unshared = DispatchCatalog()
        unshared.models = models.map { model in
            var own = model
            own.blocks = model.blocks.map { block in
                ParameterBlock(id: block.id.copy(for: model.id), size: block.size)
            }
            for (block, copy) in zip(model.blocks, own.blocks) { unshared.loadSeconds[copy.id] = loadSeconds[block.id] }
            return own
        }
        return unshared
    }
}
