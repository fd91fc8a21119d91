public import Logging
public import ModelCatalog
public import ModelServing
public import ServingCore
private import Synchronization

/// The engine as the loader sees it: a unit of loading by its id, from its compiled copy where there is a sound one.
///
/// What lies in the store is believed only after a checksum: a compiled copy when it is first used and whenever it changed, a
/// block's file before it is compiled.
public final class UnitEngine: InferenceEngine {
    private let engine: any InferenceEngine
    private let store: BlockStore
    private let log: RepeatedLog
    private let units = Mutex<[BlockID: LoadingUnit]>([:])
    private let wholes = Mutex<[BlockID: ServableModel]>([:])
    private let packed = Mutex<Set<BlockID>>([])
    private let counted = Mutex(CompiledCounters())

    /// Makes an engine over `engine` that knows single blocks of `store`.
    public init(engine: any InferenceEngine, store: BlockStore, logger: Logger) {
        self.engine = engine
        self.store = store
        log = RepeatedLog(logger)
    }

    /// What the engine beneath is called.
    public var name: String { engine.name }
    /// The version of the engine beneath.
    public var version: String { engine.version }

    /// What happened to compiled copies so far.
    var counters: CompiledCounters { counted.withLock { $0 } }

    /// Takes in the units of a catalog; those of earlier catalogs stay known until ``keep(only:)``: batches may still need them.
    public func adopt(_ new: [BlockID: LoadingUnit]) {
        units.withLock { $0.merge(new) { _, new in new } }
    }

    /// Takes in models that are loaded whole, as one block, named as `ServableModel.whole` does.
    func adopt(wholes models: [ServableModel]) {
        wholes.withLock { wholes in
            for model in models { wholes[ParameterBlock(whole: model.id, of: model.blocks).id] = model }
        }
    }

    /// Forgets the units, and the models that are loaded whole, that no model in `models` is made of.
    func keep(only models: [ServableModel]) {
        let used = Set(models.lazy.flatMap(\.blocks).map(\.id))
        let parts = wholes.withLock { wholes in
            wholes = wholes.filter { used.contains($0.key) }
            return wholes.values.flatMap { $0.blocks.map(\.id) }
        }
        units.withLock { units in units = units.filter { used.contains($0.key) || parts.contains($0.key) } }
    }

    /// Has matrices of these blocks repacked when they are loaded from now on, and of no others.
    func pack(only blocks: Set<BlockID>) { packed.withLock { $0 = blocks } }

    /// Whether a block that was compiled has matrices that can be repacked.
    func canPack(_ id: BlockID) -> Bool {
        guard let compiler = engine as? any CompilingEngine else { return false }
        return compiler.canPack(block: id, compiled: store.compiledFile(of: id, key: compiler.compilationKey))
    }

    /// How many units and whole models are known.
    var knownCount: Int { units.withLock { $0.count } + wholes.withLock { $0.count } }

    /// Loads a block or unit, as ``loadFile(block:from:)`` does; what goes wrong is told without paths of this machine.
    ///
    /// - Throws: ``ServingError/Code/modelUnavailable`` where a stored block is missing or damaged, else what the
    ///   engine throws.
    public func load(block id: BlockID, from file: String) throws(ServingError) -> any LoadedBlock {
        try RenewedBlock { [self] () throws(ServingError) in
            do throws(ServingError) {
                return try loadFile(block: id, from: file)
            } catch {
                var told = error
                told.message = store.withoutDirectory(error.message)
                throw told
            }
        }
    }

    /// Loads a block or unit; its compiled copy is made first where there is none, or none that is whole.
    ///
    /// - Throws: ``ServingError/Code/modelUnavailable`` where a stored block is missing or damaged, else what the
    ///   engine throws.
    private func loadFile(block id: BlockID, from file: String) throws(ServingError) -> any LoadedBlock {
        if let whole = wholes.withLock({ $0[id] }) {
            return try WholeModelBlock(whole) { block throws(ServingError) in
                try loadFile(block: block.id, from: store.path(of: block.id))
            }
        }
        guard let compiler = engine as? any CompilingEngine else { return try engine.load(block: id, from: file) }
        let copy = store.compiledFile(of: id, key: compiler.compilationKey)
        let packing = packed.withLock { $0.contains(id) }
        let isDamaged: Bool
        do throws(CompiledCopyFault) {
            return try noting(compiler.load(block: id, compiled: copy, packing: packing), compiler)
        } catch {
            isDamaged = note(error, of: id)
        }
        let model = try model(of: id)
        do {
            try compile(id, from: model, to: copy, with: compiler)
            if isDamaged { counted.withLock { $0.rebuilt += 1 } }
            return try noting(compiler.load(block: id, compiled: copy, packing: packing), compiler)
        } catch {
            // A read-only store, a full disk, or a graph the runtime cannot write down: it can be served all the same.
            counted.withLock { $0.failures += 1 }
            noteFailure(error, of: id)
            return try compiler.load(block: id, from: model)
        }
    }

    /// Hands a tensor to the engine beneath.
    public func makeTensor(_ tensor: Tensor) throws(ServingError) -> any EngineTensor { try engine.makeTensor(tensor) }

    /// What compiled copies are kept under; nil where the engine makes no copies.
    var compilationKey: String? { (engine as? any CompilingEngine)?.compilationKey }

    /// What measurements are kept under; nil where the engine makes no copies, and is not measured.
    var calibrationKey: String? { (engine as? any CompilingEngine)?.calibrationKey }

    /// Whether units may hand each other images in the blocked layout.
    public var blocksLayouts: Bool { (engine as? any CompilingEngine)?.blocksLayouts ?? false }

    /// Says once why weights take the longer way into memory.
    private func noting(_ block: any LoadedBlock, _ compiler: any CompilingEngine) -> any LoadedBlock {
        if let problem = compiler.mappingProblem {
            log.log(.notice, "weights are copied, not mapped", about: problem, metadata: ["problem": "\(problem)"])
        }
        return block
    }

    private func compile(
        _ id: BlockID,
        from model: BlockModel,
        to copy: String,
        with compiler: any CompilingEngine
    ) throws {
        try store.makeCompiledFolder(key: compiler.compilationKey)
        try compiler.compile(block: id, from: model, to: copy)
        counted.withLock { $0.made += 1 }
    }

    private func model(of id: BlockID) throws(ServingError) -> BlockModel {
        do throws(CatalogError) {
            if let unit = units.withLock({ $0[id] }) { return .bytes(try store.model(of: unit)) }
            guard store.hasDetachedWeights(id) else { return .bytes(try store.model(ofLone: id)) }
            try store.verify(block: id)
            return .file(store.path(of: id))
        } catch {
            counted.withLock { $0.damagedBlocks += 1 }
            throw store.servingError(error)
        }
    }

    /// Counts a copy that cannot be used, and says whether there was one.
    private func note(_ fault: CompiledCopyFault, of id: BlockID) -> Bool {
        guard fault != .absent else { return false }
        counted.withLock { $0.damaged += 1 }
        log.log(
            .warning,
            "a compiled copy is made anew",
            about: "\(id)",
            metadata: ["block": "\(id)", "problem": "\(fault)"]
        )
        return true
    }

    /// Every block has the same problem with a disk that is full or read-only: one line stands for all.
    private func noteFailure(_ error: any Error, of id: BlockID) {
        log.log(
            .warning,
            "compiled copies cannot be kept: blocks are compiled at each load",
            about: "\(error)".replacing("\(id)", with: ""),
            metadata: ["block": "\(id)", "problem": "\(error)"]
        )
    }
}

/// What happened to compiled copies; every number only grows.
struct CompiledCounters: Hashable, Sendable {
    /// Copies that were made.
    var made = 0
    /// Copies that were found damaged, or that the runtime did not take.
    var damaged = 0
    /// Copies that could not be made.
    var failures = 0
    /// Copies that were made in place of a damaged one.
    var rebuilt = 0
    /// Blocks that were missing or damaged when a copy had to be made of them.
    var damagedBlocks = 0
}
