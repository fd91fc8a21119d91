public import ServingCore

/// A model's blocks wired up: values flow from step to step through numbered slots.
struct BlockChain: Sendable {
    /// How they are wired.
    let wiring: ModelWiring
    /// The block of each step.
    private let blocks: [any LoadedBlock]

    /// Wires up the model, whose steps run `blocks`, one for each.
    ///
    /// Throws `.internalError` where the model names a slot it does not have.
    init(_ wiring: ModelWiring, blocks: [any LoadedBlock]) throws(ServingError) {
        if let fault = wiring.fault { throw fault }
        precondition(blocks.count == wiring.model.steps.count, "a pinned model has a block for each step")
        self.wiring = wiring
        self.blocks = blocks
    }

    /// Runs all blocks in order; `inputs` and the result are in the model's own order.
    func run(
        _ inputs: [any EngineTensor],
        control: (any RunControl)?
    ) throws(ServingError) -> [any EngineTensor] {
        precondition(inputs.count == wiring.model.inputs.count, "inputs are counted before a model runs")
        guard wiring.isLine else { return try runThroughSlots(inputs, control) }
        var values = inputs
        for index in blocks.indices { values = try run(index, values, control) }
        return values
    }

    private func runThroughSlots(
        _ inputs: [any EngineTensor],
        _ control: (any RunControl)?
    ) throws(ServingError) -> [any EngineTensor] {
        let lastReaders = wiring.lastReaders
        var slots = [(any EngineTensor)?](repeating: nil, count: lastReaders.count)
        for (slot, input) in inputs.enumerated() { slots[slot] = input }
        for (index, step) in wiring.model.steps.enumerated() {
            let outputs = try run(index, read(step.inputSlots, from: slots), control)
            for (slot, output) in zip(step.outputSlots, outputs) {
                slots[slot] = lastReaders[slot] > index ? output : nil
            }
            for slot in step.inputSlots where lastReaders[slot] <= index { slots[slot] = nil }
        }
        return try read(wiring.model.outputSlots, from: slots)
    }

    /// Runs one step.
    private func run(
        _ index: Int,
        _ inputs: [any EngineTensor],
        _ control: (any RunControl)?
    ) throws(ServingError) -> [any EngineTensor] {
        if let control, control.isTerminated { throw .runEnded }
        let outputs = try blocks[index].run(inputs, overwriting: wiring.overwritable[index], control: control)
        let wanted = wiring.model.steps[index].outputSlots.count
        guard outputs.count == wanted else {
            throw ServingError(.internalError, "a block has \(outputs.count) outputs, not \(wanted)")
        }
        return outputs
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

extension ServingError {
    /// The error of a run that its ``RunControl`` ended; whoever ended it knows why.
    public static let runEnded = ServingError(.deadlinePassed, "the run was ended before it was over")
}
