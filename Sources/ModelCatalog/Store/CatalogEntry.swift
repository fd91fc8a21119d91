public import ServingCore

/// A model in the store, with what is known of its files.
public struct CatalogEntry: Hashable, Sendable {
    /// The model as the gateway runs it; a block's size is what its parameters take, in bytes.
    public var model: ServableModel
    /// For each of its blocks, the size of the block's file.
    public var fileSizes: [BlockID: ByteCount]
    /// SHA-256 of the file it was imported from, in lower-case hexadecimal.
    public var sourceSHA256: String
    /// The size of the file it was imported from, with the weights that lay in other files.
    public var sourceSize: ByteCount
    /// Why it was kept as one block, nil where nothing stood in the way of cutting it.
    public var fallback: String?
    /// Why requests for it are run one by one although their shapes would allow batches; nil where they are not.
    public var mixedRows: String?

    /// Makes an entry.
    public init(
        model: ServableModel,
        fileSizes: [BlockID: ByteCount],
        sourceSHA256: String,
        sourceSize: ByteCount,
        fallback: String?,
        mixedRows: String? = nil
    ) {
        self.model = model
        self.fileSizes = fileSizes
        self.sourceSHA256 = sourceSHA256
        self.sourceSize = sourceSize
        self.fallback = fallback
        self.mixedRows = mixedRows
    }

    /// The size of a block's file, zero for blocks that are not the model's.
    public func fileSize(of block: BlockID) -> ByteCount { fileSizes[block] ?? .zero }

    /// What the parameters of all its blocks take, each block counted once.
    public var parameterSize: ByteCount { model.blocks.reduce(.zero) { $0 + $1.size } }

    /// Whether the other entry has the same blocks in the same order with the same tensors, whatever its name, whatever
    /// was found out about its rows and estimated of its memory, and whether its dimensions have names, which older manifests
    /// do not say.
    func hasSameContent(as other: CatalogEntry) -> Bool {
        var (renamed, own) = (other.model.plain, model.plain)
        renamed.id = own.id
        own.rowsAreIndependent = renamed.rowsAreIndependent
        return renamed == own
    }
}

extension ServableModel {
    /// The model without sizes of blocks and names of dimensions.
    fileprivate var plain: ServableModel {
        var model = self
        model.inputs = inputs.map {
            TensorSpecification(name: $0.name, datatype: $0.datatype, shape: $0.shape)
        }
        model.steps = steps.map { step in
            BlockStep(
                block: ParameterBlock(id: step.block.id, size: .zero),
                inputSlots: step.inputSlots,
                outputSlots: step.outputSlots
            )
        }
        return model
    }
}
