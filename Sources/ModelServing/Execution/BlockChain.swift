import ServingCore

/// A model's blocks wired up: values flow from step to step through numbered slots.
struct BlockChain: Sendable {
    private struct Step: Sendable {
        let block: any LoadedBlock
        let inputSlots: [Int]
        let outputSlots: [Int]
        /// Slots nobody reads after this step: their tensors are let go at once.
        let spentSlots: [Int]
    }

    private let steps: [Step]
    private let inputCount: Int
    private let slotCount: Int
    private let outputSlots: [Int]

    /// Wires up `model`; throws `.internalError` where a block is missing or the model names a slot it does not have.
    init(_ model: ServableModel, blocks: [BlockID: any LoadedBlock]) throws(ServingError) {
        let slots = model.steps.flatMap { $0.inputSlots + $0.outputSlots } + model.outputSlots
        guard model.inputs.count <= model.slotCount, slots.allSatisfy({ 0 <= $0 && $0 < model.slotCount }) else {
            throw ServingError(.internalError, "\(model.id) names a slot it does not have")
        }
        var needed = Set(model.outputSlots)
        var steps: [Step] = []
        for step in model.steps.reversed() {
            guard let block = blocks[step.block.id] else {
                throw ServingError(.internalError, "\(model.id) is to run without its block \(step.block.id)")
            }
            let spent = Set(step.inputSlots + step.outputSlots).subtracting(needed)
            needed.formUnion(step.inputSlots)
            steps.append(
                Step(
                    block: block,
                    inputSlots: step.inputSlots,
                    outputSlots: step.outputSlots,
                    spentSlots: Array(spent)
                )
            )
        }
        self.steps = steps.reversed()
        inputCount = model.inputs.count
        slotCount = model.slotCount
        outputSlots = model.outputSlots
    }

    /// Runs all blocks in order; `inputs` and the result are in the model's own order.
    func run(_ inputs: [any EngineTensor]) throws(ServingError) -> [any EngineTensor] {
        precondition(inputs.count == inputCount, "inputs are counted before a model runs")
        var slots: [(any EngineTensor)?] = inputs
        slots.append(contentsOf: repeatElement(nil, count: slotCount - inputCount))
        for step in steps {
            let outputs = try step.block.run(read(step.inputSlots, from: slots))
            guard outputs.count == step.outputSlots.count else {
                let message = "a block has \(outputs.count) outputs, not \(step.outputSlots.count)"
                throw ServingError(.internalError, message)
            }
            for (slot, output) in zip(step.outputSlots, outputs) { slots[slot] = output }
            for slot in step.spentSlots { slots[slot] = nil }
        }
        return try read(outputSlots, from: slots)
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
}
