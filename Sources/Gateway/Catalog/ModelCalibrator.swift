public import Dispatching
public import Logging
public import ModelCatalog
public import ModelServing
internal import ONNXEngine
public import ServingCore

/// Measures what loading and running models takes, and keeps it in the store, where every start begins with it.
public struct ModelCalibrator: Sendable {
    /// What became of one model.
    public enum Outcome: Sendable {
        /// Measured now, or before.
        case measured(Calibration.Compute, load: Duration)
        /// It could not be measured.
        case failed(ServingError)
    }

    let store: BlockStore
    let engine: any InferenceEngine
    let units: UnitEngine
    let memory: ByteCount
    let niceness: Int
    let clock: @Sendable () -> MonotonicInstant

    /// Makes a calibrator that takes at most `memory` bytes for blocks; `niceness` is that of the gateway's threads that load and run.
    public init(
        store: BlockStore,
        engine: any InferenceEngine,
        memory: ByteCount,
        niceness: Int = 0,
        logger: Logger,
        clock: @escaping @Sendable () -> MonotonicInstant = { SystemMonotonicClock.now() }
    ) {
        self.store = store
        self.engine = engine
        self.memory = memory
        self.niceness = niceness
        self.clock = clock
        units = UnitEngine(engine: engine, store: store, logger: logger)
    }

    /// Opens ONNX Runtime for it.
    ///
    /// Throws `ServingError` where its library cannot be used.
    public init(configuration: GatewayConfiguration, store: BlockStore, logger: Logger) throws(ServingError) {
        let engine = try ONNXEngine(configuration.onnxConfiguration)
        // As a gateway would: memory that is new to the process makes loads slow.
        engine.reserveMemory(.zero, keeping: configuration.keptMemory)
        self.init(
            store: store,
            engine: engine,
            memory: configuration.memory,
            niceness: configuration.engine.niceness,
            logger: logger
        )
    }

    /// Measures the models that `isWanted` picks, until `budget` is spent; a model once begun is finished.
    ///
    /// With `onlyMissing`, those that were measured with this engine on this processor are left out. With a budget, small models
    /// come first, and those that would take more than is left of it are left out. What was measured is kept after each group.
    /// Throws where the store cannot be read or written.
    public func calibrate(
        where isWanted: (ModelID) -> Bool = { _ in true },
        onlyMissing: Bool,
        budget: Duration? = nil,
        report: (ModelID, Outcome) -> Void = { _, _ in }
    ) throws(CatalogError) {
        guard let engine = engine as? any CompilingEngine else { return }
        // Held until all is measured, so that no collection removes what is being compiled.
        let lease = try? StoreLease(on: store, copies: engine.compilationKey)
        defer { withExtendedLifetime(lease) {} }
        // A start that was out of time killed what compiled for it.
        store.removeHalfMadeCopies(key: engine.compilationKey)
        let catalog = try readCatalog(keptBy: lease)
        units.adopt(catalog.fused.units)
        var calibration = store.calibration(key: engine.calibrationKey)
        var wanted = catalog.pairs.filter { model, plain in
            isWanted(model.id) && !(onlyMissing && calibration.isComplete(of: model, plain))
        }
        if budget != nil { wanted.sort { Self.byteCount($0.0) < Self.byteCount($1.0) } }
        let start = clock()
        let groupSize = budget == nil ? Self.groupSize : Self.hurriedGroupSize
        for first in stride(from: 0, to: wanted.count, by: groupSize) {
            var group = wanted[first..<min(first + groupSize, wanted.count)]
            if let budget {
                let left = budget - start.duration(to: clock())
                group = group.filter { model, _ in expectedDuration(of: model) <= left }[...]
                if group.isEmpty { break }
            }
            let before = calibration
            let (measures, failures) = measure(group.map(\.0)) { [clock] in
                budget.map { start.duration(to: clock()) > $0 } ?? false
            }
            for (model, plain) in group {
                let packed = measures.packed(of: model)
                if let compute = measures.compute(of: model, packed: !packed.isEmpty), failures[model.id] == nil {
                    let load = note(measures, packed, of: model, plain, catalog.fused.units, in: &calibration)
                    calibration[compute: plain] = compute
                    report(model.id, .measured(compute, load: load))
                } else {
                    let unknown = ServingError(.internalError, "it was not measured")
                    report(model.id, .failed(failures[model.id] ?? unknown))
                }
            }
            if calibration != before { try store.store(calibration, key: engine.calibrationKey) }
        }
    }

    /// How many models are measured in turn; where time is short, and each begun group is finished all the same.
    private static let groupSize = 8
    private static let hurriedGroupSize = 2
    /// Besides the first, which does not count; two at least, further ones while there is time.
    private static let rounds = 5

    /// Measures models in rounds, on a thread as nice as a gateway's; says which failed.
    ///
    /// A thread less nice than the engine's own takes the processors from those it waits for.
    private func measure(
        _ models: [ServableModel],
        isLate: @escaping @Sendable () -> Bool
    ) -> (measures: ModelMeasures, failures: [ModelID: ServingError]) {
        let empty = ModelMeasures(units: units, engine: engine, store: store, memory: memory, clock: clock)
        let thread = ResultThread(niceness: niceness) { () throws(ServingError) in
            var (measures, failures) = (empty, [ModelID: ServingError]())
            for round in 0...Self.rounds where round <= 2 || !isLate() {
                for model in models where failures[model.id] == nil {
                    do throws(ServingError) {
                        try measures.visit(model, round: round)
                    } catch {
                        failures[model.id] = error
                    }
                }
            }
            return (measures, failures)
        }
        do throws(ServingError) {
            return try thread.value()
        } catch {
            return (empty, Dictionary(models.map { ($0.id, error) }) { first, _ in first })
        }
    }

    /// Keeps what loading the model's blocks takes; returns the sum.
    private func note(
        _ measures: ModelMeasures,
        _ packed: Set<BlockID>,
        of model: ServableModel,
        _ plain: ServableModel,
        _ all: [BlockID: LoadingUnit],
        in calibration: inout Calibration
    ) -> Duration {
        let sizes = Dictionary(plain.blocks.map { ($0.id, $0.size) }) { first, _ in first }
        var sum = 0.0
        for block in model.blocks {
            guard let load = measures.load(block.id, packed: packed.contains(block.id)) else { continue }
            sum += load.seconds
            if let unit = all[block.id] {
                calibration.note(load, of: unit, sizes: sizes)
            } else {
                calibration[load: block.id] = load
            }
        }
        return .seconds(sum)
    }

    /// The store's models as a gateway would serve them now, with what was measured of them; nil without a compiling engine.
    public func servedCatalog() throws(CatalogError) -> (models: [ServableModel], catalog: DispatchCatalog)? {
        guard let key = units.calibrationKey else { return nil }
        let original = try store.listing().entries.map(\.model)
        let fused = store.fused(original, blocksLayouts: units.blocksLayouts)
        return (original, DispatchCatalog(fused.models, original: original, store.calibration(key: key)))
    }

    /// What loads and batches take while the other goes on, and how much they vary, as multiples of what was measured of them: what
    /// a processor that does both costs. Of the store's first models that fit in half of the memory together; nil
    /// where none was measured.
    ///
    /// Takes some eight seconds. Throws where a model cannot be loaded or run.
    public func contention() throws -> ContentionSamples? {
        guard let served = try servedCatalog() else { return nil }
        let fused = adoptUnits(of: served.models)
        // The loads measured need the other half; a single model may need more than half, and gets it.
        let half = ResidentBlocks(limit: ByteCount(memory.rawValue / 2), engine: units) { [store] in store.path(of: $0)
        }
        var subjects = try subjects(of: fused.models, served.catalog, in: half)
        if subjects.isEmpty {
            let whole = ResidentBlocks(limit: memory, engine: units) { [store] in store.path(of: $0) }
            subjects = try self.subjects(of: fused.models, served.catalog, in: whole)
        }
        defer { for subject in subjects { subject.model.release() } }
        let all = Dictionary(fused.models.lazy.flatMap(\.blocks).map { ($0.id, $0) }) { first, _ in first }
        let known = all.values.filter { served.catalog.loadSeconds[$0.id] != nil }.sorted { $0.id < $1.id }
        guard !subjects.isEmpty, !known.isEmpty else { return nil }
        return try ContentionMeasure(
            subjects: subjects,
            turn: LoadTurn(known, memory: ByteCount(memory.rawValue / 2)),
            loadSeconds: served.catalog.loadSeconds,
            units: units,
            engine: engine,
            store: store,
            niceness: niceness,
            clock: clock
        ).measure()
    }

    /// Loads of `models` from now on what a gateway loads of them; returns them as they are loaded then.
    func adoptUnits(of models: [ServableModel]) -> FusedCatalog {
        let fused = store.fused(models, blocksLayouts: units.blocksLayouts)
        units.adopt(fused.units)
        units.pack(only: fused.packed(by: store.calibration(key: units.calibrationKey ?? "")))
        return fused
    }

    /// Those of the first models that were measured and fit in `blocks` together.
    func subjects(
        of models: [ServableModel],
        _ catalog: DispatchCatalog,
        in blocks: ResidentBlocks
    ) throws(ServingError) -> [ContentionMeasure.Subject] {
        var subjects: [ContentionMeasure.Subject] = []
        for (model, entry) in zip(models, catalog.models).prefix(Self.mostSubjects) {
            guard let compute = entry.compute, let pinned = try pinned(model, in: blocks) else { continue }
            subjects.append(
                ContentionMeasure.Subject(
                    model: pinned,
                    baseSeconds: compute.baseSeconds,
                    itemSeconds: compute.itemSeconds
                )
            )
        }
        return subjects
    }

    /// With more models than that, the first ones stand for all.
    private static let mostSubjects = 16

    /// The model in memory; nil where it does not fit beside those before.
    private func pinned(_ model: ServableModel, in blocks: ResidentBlocks) throws(ServingError) -> PinnedModel? {
        do {
            for block in model.blocks { try blocks.load(block) }
            return try blocks.pin(model)
        } catch  where error.code == .memoryUnavailable {
            return nil
        }
    }
}

extension TensorSpecification {
    /// A tensor it accepts: zeros, or empty strings, one of each dimension that varies.
    var zeros: Tensor {
        let shape = shape.map { $0 < 0 ? 1 : $0 }
        let count = Tensor.elementCount(of: shape) ?? 0
        let bytes = [UInt8](repeating: 0, count: count * (datatype.elementSize ?? 4))
        return Tensor(name: name, datatype: datatype, shape: shape, data: ByteRegion(copying: bytes))
    }
}
