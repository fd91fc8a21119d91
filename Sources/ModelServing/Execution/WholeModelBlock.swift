public import ServingCore

/// All blocks of one model in memory as one block, which shares nothing with any other.
public final class WholeModelBlock: LoadedBlock {
    private let chain: BlockChain
    /// What all its blocks take together.
    public let residentSize: ByteCount
    /// What goes into the model.
    public var inputs: [TensorSpecification] { chain.wiring.model.inputs }
    /// What comes out of the model.
    public var outputs: [TensorSpecification] { chain.wiring.model.outputs }

    /// Loads each block of `model` by `load`.
    ///
    /// - Throws: what `load` throws; `.internalError` where the model names a slot it does not have.
    public init(
        _ model: ServableModel,
        load: (ParameterBlock) throws(ServingError) -> any LoadedBlock
    ) throws(ServingError) {
        var loaded: [BlockID: any LoadedBlock] = [:]
        for block in model.blocks { loaded[block.id] = try load(block) }
        residentSize = loaded.values.reduce(.zero) { $0 + $1.residentSize }
        chain = try BlockChain(ModelWiring(model), blocks: model.steps.compactMap { loaded[$0.block.id] })
    }

    /// Runs the blocks one after the other.
    ///
    /// - Throws: what the blocks throw.
    public func run(_ inputs: [any EngineTensor]) throws(ServingError) -> [any EngineTensor] {
        try chain.run(inputs, control: nil)
    }

    /// The same, under `control`.
    public func run(
        _ inputs: [any EngineTensor],
        overwriting: [Bool],
        control: (any RunControl)?
    ) throws(ServingError) -> [any EngineTensor] {
        try chain.run(inputs, control: control)
    }
}
