import FoundationEssentials
public import ServingCore
import SwiftProtobuf

/// A model that is compared with others: its layers, which are its blocks in the order they run.
public struct ComparedModel: Sendable {
    /// What one block holds.
    public struct Layer: Sendable {
        /// The block.
        public var block: BlockID
        /// What its files take, in bytes.
        public var bytes: Int
        /// What the file calls it: the part that its weights' names have in common; operators where names say nothing.
        public var label: String
        /// The tensors it hands on, as the file calls them; empty for models of a store.
        public var outputs: [String]
        let facts: LayerFacts
        let read: @Sendable () throws(CatalogError) -> Onnx_ModelProto
    }

    /// What outputs call it.
    public var name: String
    /// Its layers in the order they run; a block that is used twice is two.
    public var layers: [Layer]
    /// The opset that the file states; nil for models of a store.
    public var opset: Int?
    /// The number of rows that the file fixes; nil where it leaves it open, and for models of a store.
    public var fixedRows: Int?
    /// The model as it would be served, which calibrations know it by.
    public var servable: ServableModel
    /// Why it is one layer although it could be more; nil where nothing stands in the way.
    public var fallback: String?

    /// Cuts the ONNX model in `file` as an import would, without a trial; `types` tells what crosses the cuts.
    public init(file: String, types: any TensorTypeInference) throws(CatalogError) {
        let model = try ONNXModel(readingFrom: file, byteLimit: BlockStore.modelByteLimit)
        try self.init(model, name: file, types: types)
    }

    init(_ model: ONNXModel, name: String, types: any TensorTypeInference) throws(CatalogError) {
        let plan = try ImportPlan(model, inference: types)
        self.name = name
        opset = model.proto.opset
        fixedRows = FixedRows(of: model).map(\.count)
        servable = try plan.model(ModelID(name: "compared", version: 1))
        fallback = plan.fallback
        layers = []
        for step in plan.steps {
            let block = try step.makeBlock()
            let read: @Sendable () throws(CatalogError) -> Onnx_ModelProto = { () throws(CatalogError) in
                try Onnx_ModelProto(block: block.data)
            }
            let facts = LayerFacts(try read(), block: step.id)
            let names = block.weightNames.map(model.original)
            let outputs = step.outputs.map(model.original)
            let label = LayerLabel.text(weights: names, outputs: outputs, operators: facts.operators)
            layers.append(
                Layer(
                    block: step.id,
                    bytes: step.fileSize.rawValue,
                    label: label,
                    outputs: outputs,
                    facts: facts,
                    read: read
                )
            )
        }
    }

    /// Reads a model of `store`; its file's own names are not kept there.
    public init(_ entry: CatalogEntry, in store: BlockStore) throws(CatalogError) {
        name = "\(entry.model.id)"
        servable = entry.model
        fallback = entry.fallback
        var known: [BlockID: LayerFacts] = [:]
        layers = []
        for step in entry.model.steps {
            let block = step.block.id
            let read: @Sendable () throws(CatalogError) -> Onnx_ModelProto = { () throws(CatalogError) in
                try store.model(in: block)
            }
            let facts: LayerFacts
            if let found = known[block] { facts = found } else { facts = LayerFacts(try read(), block: block) }
            known[block] = facts
            let label = LayerLabel.text(weights: [], outputs: [], operators: facts.operators)
            let bytes = entry.fileSize(of: block).rawValue
            layers.append(Layer(block: block, bytes: bytes, label: label, outputs: [], facts: facts, read: read))
        }
    }

    /// What its blocks' files take together, each counted once, in bytes.
    public var bytes: Int {
        var seen = Set<BlockID>()
        return layers.reduce(0) { seen.insert($1.block).inserted ? $0 + $1.bytes : $0 }
    }
}

extension Onnx_ModelProto {
    /// Decodes the content of a block.
    init(block data: Data) throws(CatalogError) {
        do {
            try self.init(serializedBytes: data)
        } catch {
            throw CatalogError(.damagedStore, "a block is no model")
        }
    }
}

extension BlockStore {
    /// The block's content, decoded; throws where it is not as it should be.
    func model(in block: BlockID) throws(CatalogError) -> Onnx_ModelProto {
        let file = try RegularFile(path(of: block), followsLinks: false)
        return try Onnx_ModelProto(block: file.read(atMost: Self.modelByteLimit))
    }
}
