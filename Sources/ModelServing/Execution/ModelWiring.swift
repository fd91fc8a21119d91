import ServingCore

/// What running a model takes to know, beside its blocks; worked out once, not for every batch.
final class ModelWiring: Sendable {
    /// The model.
    let model: ServableModel
    /// The blocks it needs, each once.
    let ids: [BlockID]
    /// Whether requests can be put side by side.
    let isBatchable: Bool
    /// For each slot the last step that reads it; a tensor is let go once nobody reads it any more.
    let lastReaders: [Int]
    /// For each step and each of its inputs, whether nobody needs the tensor afterwards: not another step, not the client,
    /// whose own bytes the model's inputs are.
    let overwritable: [[Bool]]
    /// Whether each step takes exactly what the one before gives, so that values need no slots to wait in.
    let isLine: Bool
    /// Why the model cannot run: `.internalError` where it names a slot it does not have.
    let fault: ServingError?

    /// Wires up `model`.
    init(_ model: ServableModel) {
        self.model = model
        ids = model.blocks.map(\.id)
        isBatchable = model.isBatchable
        let isSound = Self.isSound(model)
        isLine = Self.isLine(model)
        let lastReaders = isSound ? Self.lastReaders(of: model) : []
        self.lastReaders = lastReaders
        overwritable = isSound ? Self.overwritable(in: model, lastReaders) : model.steps.map { _ in [] }
        fault = isSound ? nil : ServingError(.internalError, "\(model.id) names a slot it does not have")
    }

    private static func isSound(_ model: ServableModel) -> Bool {
        let slots = 0..<max(0, model.slotCount)
        return model.inputs.count <= slots.count && model.outputSlots.allSatisfy(slots.contains)
            && model.steps.allSatisfy {
                $0.inputSlots.allSatisfy(slots.contains) && $0.outputSlots.allSatisfy(slots.contains)
            }
    }

    private static func isLine(_ model: ServableModel) -> Bool {
        var given = Array(model.inputs.indices)
        for step in model.steps {
            guard step.inputSlots == given else { return false }
            given = step.outputSlots
            guard Set(given).count == given.count else { return false }
        }
        return model.outputSlots == given
    }

    private static func overwritable(in model: ServableModel, _ lastReaders: [Int]) -> [[Bool]] {
        model.steps.enumerated().map { index, step in
            step.inputSlots.map { slot in
                !model.inputs.indices.contains(slot) && lastReaders[slot] == index
                    && step.inputSlots.count { $0 == slot } == 1
            }
        }
    }

    private static func lastReaders(of model: ServableModel) -> [Int] {
        var readers = [Int](repeating: -1, count: model.slotCount)
        for (index, step) in model.steps.enumerated() {
            for slot in step.inputSlots { readers[slot] = index }
        }
        for slot in model.outputSlots { readers[slot] = .max }
        return readers
    }
}
