extension ServableModel {
    /// The same model with blocks that no other model has: copies under names of its own.
    ///
    /// What serves it must know that each copy is read from the block in the same place.
    public var unshared: ServableModel {
        var own = self
        own.steps = steps.map { step in
            var step = step
            step.block.id = step.block.id.copy(for: id)
            return step
        }
        return own
    }
}

extension BlockID {
    /// The name of one model's own copy of this block.
    public func copy(for model: ModelID) -> BlockID { BlockID("\(hash) of \(model)") }
}
