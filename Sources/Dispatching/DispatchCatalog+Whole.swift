import ServingCore

extension DispatchCatalog {
    /// The same models, each one block of its own: what two have in common counts, and is loaded, for each of them.
    ///
    /// For ``SchedulingPolicy/whole`` and the policies without a plan; names its blocks as `ServableModel.whole` does.
    /// - Complexity: O(b) for b blocks of all models.
    public var whole: DispatchCatalog {
        var whole = DispatchCatalog()
        whole.models = models.map { model in
            var one = model
            let block = ParameterBlock(whole: model.id, of: model.blocks)
            one.blocks = [block]
            let seconds = model.blocks.compactMap { loadSeconds[$0.id] }
            if seconds.count == model.blocks.count { whole.loadSeconds[block.id] = seconds.reduce(0, +) }
            return one
        }
        return whole
    }
}
