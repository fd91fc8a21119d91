import LoadScheduling
import ServingCore

/// Dense indices for the catalog's models and blocks. Indices only ever grow: a model that left keeps its own, unused.
struct CatalogIndex: Sendable {
    private var modelIndices: [ModelID: Int] = [:]
    private var blockIndices: [BlockID: Int] = [:]
    private(set) var modelIDs: [ModelID] = []
    private(set) var isBatchable: [Bool] = []
    private(set) var forms: [ModelForm] = []
    private(set) var blocks: [ParameterBlock] = []

    /// The index of a model that can be asked for.
    func index(of model: ModelID) -> Int? { modelIndices[model] }

    func index(of block: BlockID) -> Int? { blockIndices[block] }

    mutating func setSize(_ size: ByteCount, ofBlock index: Int) { blocks[index].size = size }

    /// Gives a block its index; says whether it is new.
    mutating func insert(_ block: ParameterBlock) -> (index: Int, isNew: Bool) {
        if let index = blockIndices[block.id] { return (index, false) }
        blockIndices[block.id] = blocks.count
        blocks.append(block)
        return (blocks.count - 1, true)
    }

    /// Gives a model a new index, which replaces any it had.
    mutating func insert(_ model: DispatchCatalog.Model) -> Int {
        modelIndices[model.id] = modelIDs.count
        modelIDs.append(model.id)
        isBatchable.append(model.isBatchable)
        forms.append(model.form)
        return modelIDs.count - 1
    }

    mutating func remove(_ model: ModelID) { modelIndices[model] = nil }

    /// The models that can be asked for, with their indices.
    var servable: [ModelID: Int] { modelIndices }
}
