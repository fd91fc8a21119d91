public import ServingCore

/// What an import did: which blocks are new to the store, which are shared with whom, and the bytes this saved.
public struct ImportReport: Hashable, Sendable {
    /// One block of the model.
    public struct Block: Hashable, Sendable {
        /// The block.
        public var id: BlockID
        /// The size of its file.
        public var fileSize: ByteCount
        /// Whether no model of the store used it before.
        public var isNew: Bool
        /// Whether models used it before, and its file was missing or damaged and has been written again.
        public var isRepaired: Bool
        /// The other models of the store that use it, by name and version.
        public var sharedWith: [ModelID]

        /// Makes a block.
        public init(
            id: BlockID,
            fileSize: ByteCount,
            isNew: Bool,
            isRepaired: Bool = false,
            sharedWith: [ModelID]
        ) {
            self.id = id
            self.fileSize = fileSize
            self.isNew = isNew
            self.isRepaired = isRepaired
            self.sharedWith = sharedWith
        }
    }

    /// The model's name and the version it has now.
    public var model: ModelID
    /// Its blocks, each once, in the order they first run.
    public var blocks: [Block]
    /// The bytes of the new blocks' files.
    public var bytesNew: ByteCount
    /// The bytes of blocks' files that would have to be stored if every use of a block had its own copy.
    public var bytesSaved: ByteCount
    /// Why the model was kept as one block, nil where nothing stood in the way of cutting it.
    public var fallback: String?
    /// Why requests for it are run one by one although their shapes would allow batches; nil where they are not.
    public var mixedRows: String?
    /// Whether the store had this content under this name already, so that nothing changed.
    public var isAlreadyPresent: Bool
    /// What comparing the blocks with the whole model came to; nil where nothing was imported.
    public var verification: ImportVerification?
    /// With whom it shares how much, or which model is nearest and what differs; nil where that is not known.
    public var sharing: String?

    /// Makes a report.
    public init(
        model: ModelID,
        blocks: [Block],
        bytesNew: ByteCount,
        bytesSaved: ByteCount,
        fallback: String?,
        isAlreadyPresent: Bool,
        verification: ImportVerification? = nil,
        mixedRows: String? = nil
    ) {
        self.model = model
        self.blocks = blocks
        self.bytesNew = bytesNew
        self.bytesSaved = bytesSaved
        self.fallback = fallback
        self.isAlreadyPresent = isAlreadyPresent
        self.verification = verification
        self.mixedRows = mixedRows
    }

    init(
        of plan: ImportPlan,
        as id: ModelID,
        isAlreadyPresent: Bool,
        blockUse: [BlockID: [ModelID]],
        written: Set<BlockID> = [],
        verification: ImportVerification?
    ) {
        var seen = Set<BlockID>()
        let blocks = plan.steps.filter { seen.insert($0.id).inserted }.map { step in
            let users = blockUse[step.id] ?? []
            return Block(
                id: step.id,
                fileSize: step.fileSize,
                isNew: users.isEmpty,
                isRepaired: !users.isEmpty && written.contains(step.id),
                sharedWith: users.filter { $0 != id }
            )
        }
        let new = blocks.filter(\.isNew).reduce(ByteCount.zero) { $0 + $1.fileSize }
        self.init(
            model: id,
            blocks: blocks,
            bytesNew: new,
            bytesSaved: plan.steps.reduce(.zero) { $0 + $1.fileSize } - new,
            fallback: plan.fallback,
            isAlreadyPresent: isAlreadyPresent,
            verification: verification,
            mixedRows: plan.mixedRows
        )
    }
}
