private import Dispatching
private import Foundation
internal import ModelCatalog
internal import ModelServing
internal import ServingCore
private import Synchronization

/// Loads and batches at the same time, as a gateway does them, beside each alone.
///
/// Batches go from model to model and from size to size, so that each finds another's parameters in the processor's caches.
struct ContentionMeasure: Sendable {
    /// A model in memory, what its batches are estimated to take, and a request for it.
    struct Subject: Sendable {
        let model: PinnedModel
        let baseSeconds: Double
        let itemSeconds: Double
    }

    let subjects: [Subject]
    /// The blocks that are loaded in turn, and what that is estimated to take.
    let loads: [(block: BlockID, seconds: Double)]
    let units: UnitEngine
    let engine: any InferenceEngine
    let store: BlockStore
    let clock: @Sendable () -> MonotonicInstant

    /// How long each of the three parts is measured.
    private static let span = Duration.milliseconds(1500)
    /// The sizes of batches, in turn.
    private static let sizes = [1, 2, 1, 4]

    /// Measures each alone, then both together.
    func measure() throws(ServingError) -> ContentionSamples {
        var samples = ContentionSamples()
        samples.batchesAlone = try collect(runBatch, until: Self.isOver(clock))
        samples.loadsAlone = try collect(load, until: Self.isOver(clock))
        let stops = Stops()
        let done = DispatchSemaphore(value: 0)
        let found = Mutex<Result<[Double], ServingError>>(.success([]))
        let thread = Thread { [self] in
            let result = Result { () throws(ServingError) in try collect(load, until: { stops.isSet }) }
            found.withLock { $0 = result }
            done.signal()
        }
        thread.start()
        let beside = Result { () throws(ServingError) in try collect(runBatch, until: Self.isOver(clock)) }
        stops.set()
        done.wait()
        samples.batchesBeside = try beside.get()
        samples.loadsBeside = try found.withLock { $0 }.get()
        return samples
    }

    private static func isOver(_ clock: @escaping @Sendable () -> MonotonicInstant) -> () -> Bool {
        let start = clock()
        return { start.duration(to: clock()) >= span }
    }

    /// Runs batch number `index`, and says how many times its estimate it took.
    private func runBatch(_ index: Int) throws(ServingError) -> Double {
        let subject = subjects[index % subjects.count]
        let isBatchable = subject.model.model.isBatchable
        let size = isBatchable ? Self.sizes[(index / subjects.count) % Self.sizes.count] : 1
        let runner = ModelRunner(engine: engine, maximumBatchRows: size, clock: clock)
        let requests = Array(repeating: subject.model.model.inputs.map(\.zeros), count: size)
        let start = clock()
        let outcome = runner.run(subject.model, requests: requests)
        let seconds = start.duration(to: clock()).inSeconds
        for result in outcome.results { _ = try result.get() }
        return seconds / max(subject.baseSeconds + subject.itemSeconds * Double(size), 1e-9)
    }

    /// Loads block number `index` once more, says how many times its estimate that took, as a gateway counts it, and lets go of it.
    private func load(_ index: Int) throws(ServingError) -> Double {
        let (block, estimate) = loads[index % loads.count]
        let start = clock()
        let loaded = try units.load(block: block, from: store.path(of: block))
        let seconds = start.duration(to: clock()).inSeconds
        withExtendedLifetime(loaded) {}
        return seconds / max(estimate, 1e-9)
    }

    private func collect(
        _ work: (Int) throws(ServingError) -> Double,
        until isOver: () -> Bool
    ) throws(ServingError) -> [Double] {
        var ratios: [Double] = []
        repeat { ratios.append(try work(ratios.count)) } while !isOver()
        return ratios
    }
}

/// Says once that it is over.
private final class Stops: Sendable {
    private let flag = Atomic(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}
