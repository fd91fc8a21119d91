private import Foundation
internal import ModelCatalog
internal import ModelServing
internal import ServingCore
private import Synchronization

/// Loads and batches at the same time, as a gateway does them, beside each alone.
struct ContentionMeasure: Sendable {
    let model: PinnedModel
    let units: UnitEngine
    let engine: any InferenceEngine
    let store: BlockStore
    let clock: @Sendable () -> MonotonicInstant

    /// How long each of the three parts is measured.
    private static let span = Duration.milliseconds(400)

    /// The mean of what both lose, as a part of what each takes alone; not below 0.
    func measure() throws(ServingError) -> Double {
        let runAlone = try meanSeconds(of: run)
        let loadAlone = try meanSeconds(of: load)
        let stops = Stops()
        let done = DispatchSemaphore(value: 0)
        let found = Mutex<Result<Double, ServingError>>(.success(0))
        let thread = Thread { [self] in
            let result = Result { () throws(ServingError) in try meanSeconds(of: load, until: { stops.isSet }) }
            found.withLock { $0 = result }
            done.signal()
        }
        thread.start()
        let runBeside = Result { () throws(ServingError) in try meanSeconds(of: run) }
        stops.set()
        done.wait()
        let loadBeside = try found.withLock { $0 }.get()
        let losses = [try runBeside.get() / max(runAlone, 1e-9), loadBeside / max(loadAlone, 1e-9)]
        return max(losses.reduce(0, +) / 2 - 1, 0)
    }

    private func run() throws(ServingError) {
        let runner = ModelRunner(engine: engine, maximumBatchRows: 4, clock: clock)
        let outcome = runner.run(model, requests: [model.model.inputs.map(\.zeros)])
        for result in outcome.results { _ = try result.get() }
    }

    /// Loads every block of the model once more, and lets go of it.
    private func load() throws(ServingError) {
        for block in model.model.blocks { _ = try units.load(block: block.id, from: store.path(of: block.id)) }
    }

    private func meanSeconds(
        of work: () throws(ServingError) -> Void,
        until isOver: (() -> Bool)? = nil
    ) throws(ServingError) -> Double {
        let start = clock()
        var count = 0
        var seconds = 0.0
        repeat {
            try work()
            count += 1
            seconds = start.duration(to: clock()).inSeconds
        } while !(isOver?() ?? (seconds >= Self.span.inSeconds))
        return seconds / Double(count)
    }
}

/// Says once that it is over.
private final class Stops: Sendable {
    private let flag = Atomic(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}
