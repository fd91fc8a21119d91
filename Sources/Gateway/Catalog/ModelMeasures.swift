internal import Dispatching
internal import ModelCatalog
internal import ModelServing
internal import ServingCore

/// What loading and running some models takes, as a gateway does it: from one to the next, in rounds.
///
/// Each model finds in the processor's caches what another left there; again and again, the same takes a tenth less. And
/// where something else slows the machine for a moment, that hits one round of all models, not all rounds of one.
struct ModelMeasures {
    private let units: UnitEngine
    private let engine: any InferenceEngine
    private let store: BlockStore
    private let memory: ByteCount
    private let clock: @Sendable () -> MonotonicInstant
    private var loadSamples: [BlockID: [Double]] = [:]
    private var residentBytes: [BlockID: Int] = [:]
    private var batchSamples: [ModelID: [Int: [Double]]] = [:]

    /// The sizes of batches.
    private static let sizes = [1, 2, 4, 8]
    /// Models that take longer for one request are not asked for batches of more than two.
    private static let slow = 0.3

    /// Measures with at most `memory` bytes of blocks at a time.
    init(
        units: UnitEngine,
        engine: any InferenceEngine,
        store: BlockStore,
        memory: ByteCount,
        clock: @escaping @Sendable () -> MonotonicInstant
    ) {
        self.units = units
        self.engine = engine
        self.store = store
        self.memory = memory
        self.clock = clock
    }

    /// What loading a block takes, the median; nil where it was never loaded but the first time.
    subscript(load block: BlockID) -> Calibration.Load? {
        guard let samples = loadSamples[block], let bytes = residentBytes[block] else { return nil }
        return Calibration.Load(seconds: Self.median(samples), bytes: bytes)
    }

    /// Base and item that fit the medians of all sizes best; nil where the model never ran but the first time.
    func compute(of model: ServableModel) -> Calibration.Compute? {
        guard let samples = batchSamples[model.id] else { return nil }
        let medians = samples.map { (requests: $0.key, seconds: Self.median($0.value)) }
        return Calibration.Compute(fitting: medians, isBatchable: model.isBatchable)
    }

    /// Loads a model, and runs batches of zeros. The first round of a model does not count: it may compile blocks.
    mutating func visit(_ model: ServableModel, round: Int) throws(ServingError) {
        let blocks = ResidentBlocks(limit: memory, engine: units) { [store] in store.path(of: $0) }
        for block in model.blocks {
            let start = clock()
            let size = try blocks.load(block).size
            note(start, block: block.id, bytes: size, counts: round > 0)
        }
        let pinned = try blocks.pin(model)
        defer { pinned.release() }
        for size in try sizes(for: pinned, round: round) {
            let seconds = try run(size, pinned)
            if round > 0 { batchSamples[model.id, default: [:]][size, default: []].append(seconds) }
        }
    }

    /// The sizes to run, in another order each round.
    private func sizes(for pinned: PinnedModel, round: Int) throws(ServingError) -> [Int] {
        guard pinned.model.isBatchable else { return [1] }
        guard round > 0 else {
            _ = try run(1, pinned)
            return try run(1, pinned) > Self.slow ? [2] : Array(Self.sizes.dropFirst())
        }
        var sizes = batchSamples[pinned.model.id].map { $0.keys.sorted() } ?? Self.sizes
        if round == 1, try run(1, pinned) > Self.slow { sizes = [1, 2] }
        return sizes.indices.map { sizes[($0 + round) % sizes.count] }
    }

    private mutating func note(_ start: MonotonicInstant, block: BlockID, bytes: ByteCount, counts: Bool) {
        if counts { loadSamples[block, default: []].append(start.duration(to: clock()).inSeconds) }
        residentBytes[block] = bytes.rawValue
    }

    private func run(_ count: Int, _ pinned: PinnedModel) throws(ServingError) -> Double {
        let runner = ModelRunner(engine: engine, maximumBatchRows: count, clock: clock)
        let requests = Array(repeating: pinned.model.inputs.map(\.zeros), count: count)
        let start = clock()
        let outcome = runner.run(pinned, requests: requests)
        let seconds = start.duration(to: clock()).inSeconds
        for result in outcome.results { _ = try result.get() }
        return seconds
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
}
