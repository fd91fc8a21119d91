import LoadScheduling
import ServingCore

/// Dense indices for the catalog's models and blocks.
///
/// A model that left keeps its index, and so do its blocks, until nothing refers to them any more; then others get them.
struct CatalogIndex: Sendable {
    private var modelIndices: [ModelID: Int] = [:]
    private var blockIndices: [BlockID: Int] = [:]
    private(set) var modelIDs: [ModelID] = []
    private(set) var isBatchable: [Bool] = []
    private(set) var forms: [ModelForm] = []
    private(set) var blocks: [ParameterBlock] = []
    /// Indices that others may have.
    private var freeModels: [Int] = []
    private var freeBlocks: [Int] = []

    /// The index of a model that can be asked for.
    func index(of model: ModelID) -> Int? { modelIndices[model] }

    func index(of block: BlockID) -> Int? { blockIndices[block] }

    mutating func setSize(_ size: ByteCount, ofBlock index: Int) { blocks[index].size = size }

    /// Gives a block its index, perhaps one that another had; says whether it is new.
    mutating func insert(_ block: ParameterBlock) -> (index: Int, isNew: Bool) {
        if let index = blockIndices[block.id] { return (index, false) }
        if let index = freeBlocks.popLast() {
            blockIndices[block.id] = index
            blocks[index] = block
            return (index, true)
        }
        blockIndices[block.id] = blocks.count
        blocks.append(block)
        return (blocks.count - 1, true)
    }

    /// Gives a model a new index, which replaces any it had; says whether it takes the place of another.
    mutating func insert(_ model: DispatchCatalog.Model) -> (index: Int, isReused: Bool) {
        if let index = freeModels.popLast() {
            modelIndices[model.id] = index
            modelIDs[index] = model.id
            isBatchable[index] = model.isBatchable
            forms[index] = model.form
            return (index, true)
        }
        modelIndices[model.id] = modelIDs.count
        modelIDs.append(model.id)
        isBatchable.append(model.isBatchable)
        forms.append(model.form)
        return (modelIDs.count - 1, false)
    }

    mutating func remove(_ model: ModelID) { modelIndices[model] = nil }

    /// Lets others have the indices of models that nothing refers to.
    mutating func releaseModels(_ unused: [Int]) { freeModels = unused }

    /// The same for blocks, which are not known any more then.
    mutating func releaseBlocks(_ unused: [Int]) {
        for index in unused where blockIndices[blocks[index].id] == index { blockIndices[blocks[index].id] = nil }
        freeBlocks = unused
    }

    /// The models that can be asked for, with their indices.
    var servable: [ModelID: Int] { modelIndices }
}
