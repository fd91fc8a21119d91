import ServingCore

/// How a model will be stored: what it takes and gives, and its blocks in the order they run.
struct ImportPlan {
    /// One block and the names, in the model, of the values it reads and writes.
    struct Step {
        /// Makes the block again, so that not all blocks have to be in memory at once.
        let makeBlock: () throws(CatalogError) -> CanonicalBlock
        /// The hash of its content.
        let id: BlockID
        /// What its files take, in bytes: its own, and those of weights beside it.
        let fileSize: ByteCount
        /// What it is likely to take in memory.
        let memorySize: ByteCount
        /// The values it reads, in the block's order.
        let inputs: [String]
        /// The values it writes, in the block's order.
        let outputs: [String]

        init(_ makeBlock: @escaping () throws(CatalogError) -> CanonicalBlock) throws(CatalogError) {
            let block = try makeBlock()
            self.makeBlock = makeBlock
            id = block.id
            fileSize = block.weights.reduce(ByteCount(block.data.count)) { $0 + ByteCount($1.bytes.count) }
            memorySize = ByteCount(block.memoryByteCount)
            inputs = block.inputs
            outputs = block.outputs
        }
    }

    /// The model's inputs, in its own order.
    let inputs: [TensorSpecification]
    /// The model's outputs, in its own order.
    let outputs: [TensorSpecification]
    /// The blocks, each after those whose values it reads.
    let steps: [Step]
    /// Why the model was not cut where it could have been; nil where nothing was in the way.
    let fallback: String?
    /// Why requests have to be run one by one; nil where they need not, or where that is not known yet.
    var mixedRows: String?
    private let byteLimit: Int
    private let restoresNames: Bool

    /// Plans the import of `model` in its normal form where that can be, and else as the file has it; `cuts` are tensors at
    /// which it is cut besides, those that its metadata names where that is nil.
    init(
        _ model: ONNXModel,
        inference: any TensorTypeInference,
        cuts: [String]? = nil,
        byteLimit: Int = BlockStore.blockByteLimit
    ) throws(CatalogError) {
        let cuts = DeclaredCuts(cuts, of: model)
        let form = try? NormalForm.of(model.proto, rows: FixedRows(of: model)?.count, keeping: cuts.names) {
            proto,
            names in
            BoundaryTypes.shapes(of: names, in: proto, of: model, inference: inference)
        }
        if let form,
            let plan = try? ImportPlan(of: model.reading(form), inference: inference, cuts: cuts, byteLimit: byteLimit),
            plan.fallback == nil
        {
            self = plan
            return
        }
        self = try ImportPlan(of: model, inference: inference, cuts: cuts, byteLimit: byteLimit)
    }

    /// Plans the import of `model`, asking `inference` for the types of what crosses the cuts; blocks of more than
    /// `byteLimit` bytes get files of weights.
    private init(
        of model: ONNXModel,
        inference: any TensorTypeInference,
        cuts: DeclaredCuts,
        byteLimit: Int
    ) throws(CatalogError) {
        self.byteLimit = byteLimit
        restoresNames = model.isRewritten
        try FatalOperators(of: model).check()
        if let reason = try Self.reasonToKeepWhole(model) {
            let types = try BoundaryTypes(of: model, crossing: [], inference: inference)
            inputs = try types.inputs()
            outputs = try types.outputs()
            steps = [try Step { () throws(CatalogError) in try CanonicalBlock(whole: model, byteLimit: byteLimit) }]
            fallback = reason
            return
        }
        let graph = try FlowGraph(model)
        try cuts.check(graph, model.original)
        let cutter = ModelCutter(graph, declared: cuts)
        let types = try BoundaryTypes(of: model, crossing: cutter.candidates(), inference: inference)
        let segments = try cutter.segments { types.byName[$0] != nil }
        let canonicalizer = SegmentCanonicalizer(
            graph: graph,
            operatorSets: model.proto.opsetImport,
            types: types.byName,
            handedOn: Set(segments.flatMap(\.outputs)),
            byteLimit: byteLimit
        )
        inputs = try types.inputs()
        outputs = try types.outputs()
        steps = try segments.map { segment throws(CatalogError) in
            try Step { () throws(CatalogError) in try canonicalizer.block(of: segment) }
        }
        fallback = types.failure
    }

    /// The same model kept as one block, for `reason`.
    func kept(_ model: ONNXModel, because reason: String) throws(CatalogError) -> ImportPlan {
        try ImportPlan(
            inputs: inputs,
            outputs: outputs,
            steps: [Step { () throws(CatalogError) in try CanonicalBlock(whole: model, byteLimit: byteLimit) }],
            fallback: reason,
            mixedRows: mixedRows,
            byteLimit: byteLimit,
            restoresNames: restoresNames
        )
    }

    private init(
        inputs: [TensorSpecification],
        outputs: [TensorSpecification],
        steps: [Step],
        fallback: String?,
        mixedRows: String?,
        byteLimit: Int,
        restoresNames: Bool
    ) {
        self.inputs = inputs
        self.outputs = outputs
        self.steps = steps
        self.fallback = fallback
        self.mixedRows = mixedRows
        self.byteLimit = byteLimit
        self.restoresNames = restoresNames
    }

    /// The model these blocks make up, under `id`.
    func model(_ id: ModelID) throws(CatalogError) -> ServableModel {
        var slots = SlotNumbering(inputs: inputs.map(\.name))
        return ServableModel(
            id: id,
            inputs: inputs.map { served($0, keepsDimensions: true) },
            outputs: outputs.map { served($0, keepsDimensions: false) },
            steps: try steps.map { step throws(CatalogError) in
                BlockStep(
                    block: ParameterBlock(id: step.id, size: step.memorySize),
                    inputSlots: try step.inputs.map { name throws(CatalogError) in try slots.slot(of: name) },
                    outputSlots: step.outputs.map { slots.fill($0) }
                )
            },
            slotCount: slots.count,
            outputSlots: try outputs.map { output throws(CatalogError) in try slots.slot(of: output.name) },
            rowsAreIndependent: mixedRows == nil
        )
    }

    /// What clients see of an input or output: the file's own names.
    private func served(_ tensor: TensorSpecification, keepsDimensions: Bool) -> TensorSpecification {
        let restored = { (name: String) in restoresNames ? PlainNames.restored(name) : name }
        return TensorSpecification(
            name: restored(tensor.name),
            datatype: tensor.datatype,
            shape: tensor.shape,
            dimensionNames: keepsDimensions ? tensor.dimensionNames.map(restored) : []
        )
    }

    /// Also kept whole: a model one of whose outputs no request changes, since no block could write it.
    private static func reasonToKeepWhole(_ model: ONNXModel) throws(CatalogError) -> String? {
        if let reason = try model.reasonToKeepWhole() { return reason }
        let graph = try FlowGraph(model)
        let isWritten = { (name: String) in graph.nodes.producers[name] != nil && !graph.isParameter(name) }
        return graph.outputs.first { !isWritten($0) }.map { "output '\($0)' is not calculated from the inputs" }
    }
}

/// Gives the values that flow between blocks their slots: the model's inputs first, then what each step writes.
private struct SlotNumbering {
    private var slots: [String: Int] = [:]
    private(set) var count = 0

    init(inputs: [String]) {
        for name in inputs { _ = fill(name) }
    }

    mutating func fill(_ name: String) -> Int {
        slots[name] = count
        defer { count += 1 }
        return count
    }

    func slot(of name: String) throws(CatalogError) -> Int {
        guard let slot = slots[name] else { throw CatalogError(.invalidModel, "nothing writes '\(name)'") }
        return slot
    }
}
