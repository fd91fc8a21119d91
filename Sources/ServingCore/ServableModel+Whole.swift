extension ServableModel {
    /// The same model as one block of its own, which shares nothing; whoever loads it knows what it is made of.
    public var whole: ServableModel {
        let given = Array(inputs.indices)
        let made = outputs.indices.map { inputs.count + $0 }
        var whole = ServableModel(
            id: id,
            inputs: inputs,
            outputs: outputs,
            steps: [BlockStep(block: ParameterBlock(whole: id, of: blocks), inputSlots: given, outputSlots: made)],
            slotCount: inputs.count + outputs.count,
            outputSlots: made,
            rowsAreIndependent: rowsAreIndependent
        )
        whole.refusesEmpty = refusesEmpty
        return whole
    }
}

extension ParameterBlock {
    /// A whole model as one block: all its bytes, under a name that differs from model to model and with what is in it.
    public init(whole model: ModelID, of blocks: [ParameterBlock]) {
        // FNV-1a: the name has to change with the blocks, not to withstand anybody.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in blocks.lazy.flatMap({ "\($0.id) ".utf8 }) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let size = blocks.reduce(ByteCount.zero) { $0 + $1.size }
        self.init(id: BlockID("\(model)@\(String(hash, radix: 16))"), size: size)
    }
}
