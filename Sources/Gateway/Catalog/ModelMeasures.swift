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
    private var loads: [Way<BlockID>: LoadSamples] = [:]
    private var batches: [Way<ModelID>: [Int: [Double]]] = [:]
    private var packable: [ModelID: Set<BlockID>] = [:]

    /// A block or model, with or without matrices that were repacked when they were loaded.
    private struct Way<ID: Hashable & Sendable>: Hashable, Sendable {
        var id: ID
        var isPacked = false
    }

    private struct LoadSamples {
        var seconds: [Double] = []
        var bytes = 0
    }

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

    /// What loading a block takes, the median, packed or not; nil where it was never loaded so but the first time.
    func load(_ block: BlockID, packed: Bool) -> Calibration.Load? {
        guard let samples = loads[Way(id: block, isPacked: packed)], !samples.seconds.isEmpty else { return nil }
        return Calibration.Load(seconds: Self.median(samples.seconds), bytes: samples.bytes, packs: packed ? true : nil)
    }

    /// Those of the model's blocks whose matrices are to be repacked at each load: all that can be, or none.
    ///
    /// A load is followed by some batches before the block is evicted: repacked it is where that many gain more by it than the
    /// load loses.
    func packed(of model: ServableModel) -> Set<BlockID> {
        guard let blocks = packable[model.id], !blocks.isEmpty, let plain = compute(of: model, packed: false),
            let packed = compute(of: model, packed: true)
        else { return [] }
        let loss = blocks.reduce(0.0) { sum, block in
            sum + (load(block, packed: true)?.seconds ?? 0) - (load(block, packed: false)?.seconds ?? 0)
        }
        let gain = plain.baseSeconds - packed.baseSeconds + 2 * (plain.itemSeconds - packed.itemSeconds)
        return gain * Self.batchesPerLoad > loss ? blocks : []
    }

    /// About how many batches follow a load where memory is short.
    private static let batchesPerLoad = 10.0

    /// Base and item that fit the medians of all sizes best; nil where the model never ran so but the first time.
    func compute(of model: ServableModel, packed: Bool) -> Calibration.Compute? {
        guard let samples = batches[Way(id: model.id, isPacked: packed)] else { return nil }
        let medians = samples.map { (requests: $0.key, seconds: Self.median($0.value)) }
        return Calibration.Compute(fitting: medians, isBatchable: model.isBatchable)
    }

    /// Loads a model, and runs batches of zeros; in every second round with its matrices repacked, where it has any. The first
    /// round of a model does not count: it may compile blocks.
    mutating func visit(_ model: ServableModel, round: Int) throws(ServingError) {
        let packed = round > 0 && round.isMultiple(of: 2) ? packable[model.id] ?? [] : []
        units.pack(only: packed)
        defer { units.pack(only: []) }
        let blocks = ResidentBlocks(limit: memory, engine: units) { [store] in store.path(of: $0) }
        for block in model.blocks {
            let start = clock()
            let size = try blocks.load(block).size
            let seconds = start.duration(to: clock()).inSeconds
            let way = Way(id: block.id, isPacked: packed.contains(block.id))
            loads[way, default: LoadSamples()].bytes = size.rawValue
            if round > 0 { loads[way]?.seconds.append(seconds) }
        }
        if round == 0 { packable[model.id] = Set(model.blocks.map(\.id).filter(units.canPack)) }
        let pinned = try blocks.pin(model)
        defer { pinned.release() }
        let way = Way(id: model.id, isPacked: !packed.isEmpty)
        for size in try sizes(for: pinned, round: round) {
            let seconds = try run(size, pinned)
            if round > 0 { batches[way, default: [:]][size, default: []].append(seconds) }
        }
    }

    /// The sizes to run, in another order each round.
    private func sizes(for pinned: PinnedModel, round: Int) throws(ServingError) -> [Int] {
        guard pinned.model.isBatchable else { return [1] }
        guard round > 0 else {
            _ = try run(1, pinned)
            return try run(1, pinned) > Self.slow ? [2] : Array(Self.sizes.dropFirst())
        }
        var sizes = batches[Way(id: pinned.model.id)].map { $0.keys.sorted() } ?? Self.sizes
        if round == 1, try run(1, pinned) > Self.slow { sizes = [1, 2] }
        return sizes.indices.map { sizes[($0 + round) % sizes.count] }
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
