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

    private let store: BlockStore
    private let engine: any InferenceEngine
    private let units: UnitEngine
    private let memory: ByteCount
    private let clock: @Sendable () -> MonotonicInstant

    /// Makes a calibrator that takes at most `memory` bytes for blocks.
    public init(
        store: BlockStore,
        engine: any InferenceEngine,
        memory: ByteCount,
        logger: Logger,
        clock: @escaping @Sendable () -> MonotonicInstant = { SystemMonotonicClock.now() }
    ) {
        self.store = store
        self.engine = engine
        self.memory = memory
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
        self.init(store: store, engine: engine, memory: configuration.memory, logger: logger)
    }

    /// Measures the models that `isWanted` picks, until `budget` is spent; a model once begun is finished.
    ///
    /// With `onlyMissing`, those that were measured with this engine on this processor are left out. Throws where the
    /// store cannot be read or written.
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
        let original = try store.listing(keptBy: lease).entries.map(\.model)
        let fused = store.fused(original, blocksLayouts: units.blocksLayouts)
        units.adopt(fused.units)
        var calibration = store.calibration(key: engine.calibrationKey)
        let before = calibration
        let wanted = zip(fused.models, original).filter { model, plain in
            let isKnown =
                calibration[compute: plain] != nil && model.blocks.allSatisfy { calibration[load: $0.id] != nil }
            return isWanted(model.id) && !(isKnown && onlyMissing)
        }
        let start = clock()
        let groupSize = budget == nil ? Self.groupSize : Self.hurriedGroupSize
        for first in stride(from: 0, to: wanted.count, by: groupSize) {
            if let budget, start.duration(to: clock()) > budget { break }
            let group = wanted[first..<min(first + groupSize, wanted.count)]
            let (measures, failures) = measure(group.map(\.0)) {
                budget.map { start.duration(to: clock()) > $0 } ?? false
            }
            for (model, plain) in group {
                if let compute = measures.compute(of: model), failures[model.id] == nil {
                    let load = note(measures, of: model, plain, fused.units, in: &calibration)
                    calibration[compute: plain] = compute
                    report(model.id, .measured(compute, load: load))
                } else {
                    let unknown = ServingError(.internalError, "it was not measured")
                    report(model.id, .failed(failures[model.id] ?? unknown))
                }
            }
        }
        if calibration != before { try store.store(calibration, key: engine.calibrationKey) }
    }

    /// How many models are measured in turn; where time is short, and each begun group is finished all the same.
    private static let groupSize = 8
    private static let hurriedGroupSize = 2
    /// Besides the first, which does not count; two at least, further ones while there is time.
    private static let rounds = 5

    /// Measures models in rounds; says which failed.
    private func measure(
        _ models: [ServableModel],
        isLate: () -> Bool
    ) -> (measures: ModelMeasures, failures: [ModelID: ServingError]) {
        var measures = ModelMeasures(units: units, engine: engine, store: store, memory: memory, clock: clock)
        var failures: [ModelID: ServingError] = [:]
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

    /// Keeps what loading the model's blocks takes; returns the sum.
    private func note(
        _ measures: ModelMeasures,
        of model: ServableModel,
        _ plain: ServableModel,
        _ all: [BlockID: LoadingUnit],
        in calibration: inout Calibration
    ) -> Duration {
        let sizes = Dictionary(plain.blocks.map { ($0.id, $0.size) }) { first, _ in first }
        var sum = 0.0
        for block in model.blocks {
            guard let load = measures[load: block.id] else { continue }
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
    /// a processor that does both costs. Of the store's first models that fit in memory together; nil where none was measured.
    ///
    /// Takes some five seconds. Throws where a model cannot be loaded or run.
    public func contention() throws -> ContentionSamples? {
        guard let served = try servedCatalog() else { return nil }
        let fused = store.fused(served.models, blocksLayouts: units.blocksLayouts)
        units.adopt(fused.units)
        let blocks = ResidentBlocks(limit: memory, engine: units) { [store] in store.path(of: $0) }
        var subjects: [ContentionMeasure.Subject] = []
        for (model, entry) in zip(fused.models, served.catalog.models).prefix(Self.mostSubjects) {
            guard let compute = entry.compute, let pinned = try pinned(model, in: blocks) else { continue }
            subjects.append(
                ContentionMeasure.Subject(
                    model: pinned,
                    baseSeconds: compute.baseSeconds,
                    itemSeconds: compute.itemSeconds
                )
            )
        }
        defer { for subject in subjects { subject.model.release() } }
        let loads = served.catalog.loadSeconds.sorted { $0.key < $1.key }.map { (block: $0.key, seconds: $0.value) }
        let known = Set(fused.models.lazy.flatMap(\.blocks).map(\.id))
        let measured = loads.filter { known.contains($0.block) }
        guard !subjects.isEmpty, !measured.isEmpty else { return nil }
        return try ContentionMeasure(
            subjects: subjects,
            loads: measured,
            units: units,
            engine: engine,
            store: store,
            clock: clock
        ).measure()
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
