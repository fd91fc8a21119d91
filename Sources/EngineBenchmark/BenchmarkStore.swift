import Foundation
import Gateway
import Logging
import ModelCatalog
import ModelServing
import ONNXEngine
import ServingCore

/// A store of imported zoo models, and the engine that serves them as the gateway does.
struct BenchmarkStore {
    /// The engine beneath.
    let engine: ONNXEngine
    /// The engine by whose units blocks are loaded.
    let units: UnitEngine
    /// The blocks in memory.
    let blocks: ResidentBlocks
    /// The models, with neighbours that belong together as one block.
    let models: [ServableModel]
    /// The store.
    let store: BlockStore

    /// Opens the store in `folder`; at most `memory` bytes of blocks are in memory at once.
    init(_ folder: String, memory: ByteCount = ByteCount(1 << 40)) throws {
        var logger = Logger(label: "benchmark")
        logger.logLevel = .error
        let store = try BlockStore(directory: folder)
        let engine = try ONNXEngine()
        let units = UnitEngine(engine: engine, store: store, logger: logger)
        let fused = store.fused(try store.models().map(\.model), blocksLayouts: units.blocksLayouts)
        units.adopt(fused.units)
        self.engine = engine
        self.units = units
        self.store = store
        models = fused.models
        blocks = ResidentBlocks(limit: memory, engine: units) { store.path(of: $0) }
    }

    /// Writes a zoo, imports it, and calls `report` with the bytes of each file, which is removed unless it is wanted.
    static func fill(
        _ folder: String,
        _ zoo: ModelZoo,
        keepingFiles: Bool,
        report: (Int) -> Void
    ) throws {
        let store = try BlockStore(directory: folder)
        let types = try ONNXTensorTypes(configuration: GatewayConfiguration())
        var failure: (any Error)?
        try zoo.write(to: folder + "/zoo") { member in
            guard failure == nil else { return }
            do {
                let size = try FileManager.default.attributesOfItem(atPath: member.path)[.size] as? Int ?? 0
                _ = try store.importModel(from: member.path, name: member.name, types: types)
                if !keepingFiles { try FileManager.default.removeItem(atPath: member.path) }
                report(size)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// The file a model was imported from.
    func file(of model: ServableModel) -> String { "\(store.directory)/zoo/\(model.id.name).onnx" }

    /// Brings all of a model's blocks in.
    func load(_ model: ServableModel) throws {
        for block in model.blocks { try blocks.load(block) }
    }

    /// Puts all blocks out.
    func clear() throws {
        for id in blocks.ledger.entries.keys { try blocks.evict(id) }
    }
}
