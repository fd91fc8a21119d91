import ServingCore

/// A model's blocks wired up: values flow from step to step through numbered slots.
struct BlockChain: Sendable {
    private let model: ServableModel
    /// The block of each step.
    private let blocks: [any LoadedBlock]
    /// For each slot the last step that reads it; a tensor is let go once nobody reads it any more.
    private let lastReaders: [Int]

    /// Wires up `model`, whose steps run `blocks`, one for each.
    ///
    /// Throws `.internalError` where the model names a slot it does not have.
    init(_ model: ServableModel, blocks: [any LoadedBlock]) throws(ServingError) {
        precondition(blocks.count == model.steps.count, "a pinned model has a block for each step")
        self.model = model
        self.blocks = blocks
        lastReaders = try Self.lastReaders(of: model)
    }

    /// Runs all blocks in order; `inputs` and the result are in the model's own order.
    func run(_ inputs: [any EngineTensor]) throws(ServingError) -> [any EngineTensor] {
        precondition(inputs.count == model.inputs.count, "inputs are counted before a model runs")
        var slots = [(any EngineTensor)?](repeating: nil, count: model.slotCount)
        for (slot, input) in inputs.enumerated() { slots[slot] = input }
        for (index, step) in model.steps.enumerated() {
            let outputs = try blocks[index].run(read(step.inputSlots, from: slots))
            guard outputs.count == step.outputSlots.count else {
                let message = "a block has \(outputs.count) outputs, not \(step.outputSlots.count)"
                throw ServingError(.internalError, message)
            }
            for (slot, output) in zip(step.outputSlots, outputs) {
                slots[slot] = lastReaders[slot] > index ? output : nil
            }
            for slot in step.inputSlots where lastReaders[slot] <= index { slots[slot] = nil }
        }
        return try read(model.outputSlots, from: slots)
    }

    private func read(
        _ wanted: [Int],
        from slots: [(any EngineTensor)?]
    ) throws(ServingError) -> [any EngineTensor] {
        var tensors: [any EngineTensor] = []
        tensors.reserveCapacity(wanted.count)
        for slot in wanted {
            guard let tensor = slots[slot] else {
                throw ServingError(.internalError, "slot \(slot) is read before a block fills it")
            }
            tensors.append(tensor)
        }
        return tensors
    }

    private static func lastReaders(of model: ServableModel) throws(ServingError) -> [Int] {
        let slots = 0..<max(0, model.slotCount)
        let isSound =
            model.inputs.count <= slots.count && model.outputSlots.allSatisfy(slots.contains)
            && model.steps.allSatisfy {
                $0.inputSlots.allSatisfy(slots.contains) && $0.outputSlots.allSatisfy(slots.contains)
            }
        guard isSound else { throw ServingError(.internalError, "\(model.id) names a slot it does not have") }
        var readers = [Int](repeating: -1, count: slots.count)
        for (index, step) in model.steps.enumerated() {
            for slot in step.inputSlots { readers[slot] = index }
        }
        for slot in model.outputSlots { readers[slot] = .max }
        return readers
    }
}
