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
        guard let key = (engine as? any CompilingEngine)?.compilationKey else { return }
        // Held until all is measured, so that no collection removes what is being compiled.
        let lease = try? StoreLease(on: store)
        defer { withExtendedLifetime(lease) {} }
        let original = try store.listing(keptBy: lease).entries.map(\.model)
        let fused = store.fused(original, blocksLayouts: units.blocksLayouts)
        units.adopt(fused.units)
        var calibration = store.calibration(key: key)
        let before = calibration
        let start = clock()
        for (model, plain) in zip(fused.models, original) where isWanted(model.id) {
            if let budget, start.duration(to: clock()) > budget { break }
            let isKnown =
                calibration[compute: plain] != nil && model.blocks.allSatisfy { calibration[load: $0.id] != nil }
            if isKnown, onlyMissing { continue }
            do throws(ServingError) {
                let load = try measureLoads(of: model, plain, fused.units, into: &calibration)
                let compute = try measureCompute(of: model)
                calibration[compute: plain] = compute
                report(model.id, .measured(compute, load: load))
            } catch {
                report(model.id, .failed(error))
            }
        }
        if calibration != before { try store.store(calibration, key: key) }
    }

    /// The store's models as a gateway would serve them now, with what was measured of them; nil without a compiling engine.
    public func servedCatalog() throws(CatalogError) -> (models: [ServableModel], catalog: DispatchCatalog)? {
        guard let key = (engine as? any CompilingEngine)?.compilationKey else { return nil }
        let original = try store.listing().entries.map(\.model)
        let fused = store.fused(original, blocksLayouts: units.blocksLayouts)
        return (original, DispatchCatalog(fused.models, original: original, store.calibration(key: key)))
    }

    /// Loads each block twice: the first time may compile it.
    private func measureLoads(
        of model: ServableModel,
        _ plain: ServableModel,
        _ all: [BlockID: LoadingUnit],
        into calibration: inout Calibration
    ) throws(ServingError) -> Duration {
        let sizes = Dictionary(plain.blocks.map { ($0.id, $0.size) }) { first, _ in first }
        var sum = Duration.zero
        for block in model.blocks {
            let path = store.path(of: block.id)
            _ = try units.load(block: block.id, from: path)
            let start = clock()
            let loaded = try units.load(block: block.id, from: path)
            let duration = start.duration(to: clock())
            sum += duration
            let load = Calibration.Load(seconds: duration.inSeconds, bytes: loaded.residentSize.rawValue)
            if let unit = all[block.id] {
                calibration.note(load, of: unit, sizes: sizes)
            } else {
                calibration[load: block.id] = load
            }
        }
        return sum
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

    /// Runs batches of one and of four, of zeros; what both say together is base and item.
    private func measureCompute(of model: ServableModel) throws(ServingError) -> Calibration.Compute {
        let blocks = ResidentBlocks(limit: memory, engine: units) { [store] in store.path(of: $0) }
        for block in model.blocks { try blocks.load(block) }
        let pinned = try blocks.pin(model)
        defer { pinned.release() }
        let runner = ModelRunner(engine: engine, maximumBatchRows: 4, clock: clock)
        let one = try seconds(of: 1, pinned, runner)
        guard model.isBatchable else { return Calibration.Compute(baseSeconds: 0, itemSeconds: one) }
        let four = try seconds(of: 4, pinned, runner)
        let item = max((four - one) / 3, one / 100)
        return Calibration.Compute(baseSeconds: max(one - item, one / 100), itemSeconds: item)
    }

    /// The median of three runs after one that does not count.
    private func seconds(
        of count: Int,
        _ pinned: PinnedModel,
        _ runner: ModelRunner
    ) throws(ServingError) -> Double {
        let request = pinned.model.inputs.map(\.zeros)
        let requests = Array(repeating: request, count: count)
        var times: [Double] = []
        for round in 0..<4 {
            let start = clock()
            let outcome = runner.run(pinned, requests: requests)
            let seconds = start.duration(to: clock()).inSeconds
            for result in outcome.results { _ = try result.get() }
            if round > 0 { times.append(seconds) }
        }
        return times.sorted()[1]
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
