public import ServingCore

extension ServableModel {
    /// A model whose blocks follow each other, each taking all tensors of the one before.
    public static func chain(
        _ name: String,
        blocks: [ParameterBlock],
        tensors: [TensorSpecification] = [TensorSpecification(name: "x", datatype: .uint8, shape: [-1, 4])]
    ) -> ServableModel {
        let width = tensors.count
        let steps = blocks.enumerated().map { place, block in
            BlockStep(
                block: block,
                inputSlots: Array(place * width..<(place + 1) * width),
                outputSlots: Array((place + 1) * width..<(place + 2) * width)
            )
        }
        return ServableModel(
            id: ModelID(name: name, version: 1),
            inputs: tensors,
            outputs: tensors,
            steps: steps,
            slotCount: (blocks.count + 1) * width,
            outputSlots: Array(blocks.count * width..<(blocks.count + 1) * width)
        )
    }
}

extension ParameterBlock {
    /// A block called `name` of `bytes` bytes.
    public static func named(_ name: String, bytes: Int = 0) -> ParameterBlock {
        ParameterBlock(id: BlockID(name), size: ByteCount(bytes))
    }
}
