/// A model as the gateway runs it: its tensors, and its blocks in the order they run.
///
/// Values flow through numbered slots. The model's inputs fill slots `0 ..< inputs.count` in order; each step reads
/// some slots and fills others; `outputSlots` names the slots the model's outputs are read from, in order.
public struct ServableModel: Hashable, Sendable {
    /// Name and version.
    public var id: ModelID
    /// What goes in, in the model's own order.
    public var inputs: [TensorSpecification]
    /// What comes out, in the model's own order.
    public var outputs: [TensorSpecification]
    /// The blocks in the order they run.
    public var steps: [BlockStep] {
        didSet { blocks = Self.blocks(of: steps) }
    }
    /// The blocks it needs, each once, in the order they are first used.
    public private(set) var blocks: [ParameterBlock]
    /// How many slots there are.
    public var slotCount: Int
    /// For each output, the slot it is read from.
    public var outputSlots: [Int]
    /// Whether what a row along the first dimension gives depends on no other row.
    public var rowsAreIndependent: Bool
    /// Whether it takes no tensor without elements: one of its operators would end the process on it.
    public var refusesEmpty = false

    /// Makes a model.
    public init(
        id: ModelID,
        inputs: [TensorSpecification],
        outputs: [TensorSpecification],
        steps: [BlockStep],
        slotCount: Int,
        outputSlots: [Int],
        rowsAreIndependent: Bool = true
    ) {
        self.id = id
        self.inputs = inputs
        self.outputs = outputs
        self.steps = steps
        blocks = Self.blocks(of: steps)
        self.slotCount = slotCount
        self.outputSlots = outputSlots
        self.rowsAreIndependent = rowsAreIndependent
    }

    /// Whether requests can be put side by side: every input and output varies in its first dimension, along which
    /// nothing is mixed.
    public var isBatchable: Bool {
        rowsAreIndependent && !inputs.isEmpty && inputs.allSatisfy(\.hasVariableFirstDimension)
            && !outputs.isEmpty && outputs.allSatisfy(\.hasVariableFirstDimension)
    }

    private static func blocks(of steps: [BlockStep]) -> [ParameterBlock] {
        var seen = Set<BlockID>()
        return steps.map(\.block).filter { seen.insert($0.id).inserted }
    }
}

/// One block at work in a model's chain.
public struct BlockStep: Hashable, Sendable {
    /// The block that runs.
    public var block: ParameterBlock
    /// For each of the block's inputs, in the block's own order, the slot it reads.
    public var inputSlots: [Int]
    /// For each of the block's outputs, in the block's own order, the slot it fills.
    public var outputSlots: [Int]

    /// Makes a step.
    public init(block: ParameterBlock, inputSlots: [Int], outputSlots: [Int]) {
        self.block = block
        self.inputSlots = inputSlots
        self.outputSlots = outputSlots
    }
}
