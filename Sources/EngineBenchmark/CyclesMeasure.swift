import Foundation
import ModelServing
import ONNXEngine
import ServingCore
import Synchronization

/// Loading and evicting for long under a tight cap, while another thread runs a model that stays.
struct CyclesMeasure {
    let store: BenchmarkStore
    let cycles: Int

    /// Counts wrong answers on both threads, and compares memory after a tenth of the cycles with that at the end.
    func bar() throws -> Bar {
        let kept = store.models[0]
        let others = Array(store.models.dropFirst())
        try store.load(kept)
        let pinned = try store.blocks.pin(kept)
        defer { pinned.release() }
        let busy = try BusyThread(runner, pinned, Self.input(of: kept))
        defer { busy.stop() }
        var expected: [ModelID: [UInt8]] = [:]
        var wrong = 0
        var early = 0
        for cycle in 0..<cycles {
            let model = others[cycle % others.count]
            try makeRoom(for: model)
            try store.load(model)
            let answer = try Self.answer(runner, store.blocks.pin(model), Self.input(of: model))
            if expected[model.id, default: answer] != answer { wrong += 1 }
            expected[model.id] = answer
            if cycle == cycles / 10 { early = measuredMemory() }
        }
        let runs = busy.stop()
        wrong += runs.wrong
        let growth = Double(measuredMemory() - early) / Double(max(early, 1))
        return Bar(
            name: "\(cycles) loads and evictions (no wrong answer, memory grown by at most 0.03)",
            figure: "\(wrong) wrong beside \(runs.count) runs, memory grown by \(growth.rounded3) of "
                + "\(Double(early).megabytes)",
            isReached: wrong == 0 && growth <= 0.03 && store.blocks.ledger.used <= store.blocks.ledger.limit
        )
    }

    private var runner: ModelRunner {
        ModelRunner(engine: store.engine, maximumBatchRows: 8, clock: { SystemMonotonicClock.now() })
    }

    private func measuredMemory() -> Int {
        ONNXEngine.trimHeap()
        return ProcessMemory.residentBytes
    }

    /// Evicts everything that nobody holds and the model does not need.
    private func makeRoom(for model: ServableModel) throws {
        let needed = Set(model.blocks.map(\.id))
        for (id, entry) in store.blocks.ledger.entries where entry.pins == 0 && !needed.contains(id) {
            try store.blocks.evict(id)
        }
    }

    private static func input(of model: ServableModel) -> Tensor { RunningMeasure.input(of: model, size: 1) }

    static func answer(_ runner: ModelRunner, _ pinned: PinnedModel, _ input: Tensor) throws -> [UInt8] {
        try runner.run(pinned, requests: [[input]]).results[0].get()[0].data.array
    }
}

/// A thread that runs one model again and again, and looks at each answer.
private final class BusyThread: Sendable {
    struct Runs {
        var count = 0
        var wrong = 0
        var isStopping = false
        var hasStopped = false
    }
    private let runs = Mutex(Runs())

    init(_ runner: ModelRunner, _ pinned: PinnedModel, _ input: Tensor) throws {
        let expected = try CyclesMeasure.answer(runner, pinned, input)
        Thread.detachNewThread { [self] in
            while !runs.withLock(\.isStopping) {
                let answer = try? CyclesMeasure.answer(runner, pinned, input)
                runs.withLock { runs in
                    runs.count += 1
                    if answer != expected { runs.wrong += 1 }
                }
            }
            runs.withLock { $0.hasStopped = true }
        }
    }

    /// Ends the thread, and says what it saw.
    @discardableResult
    func stop() -> Runs {
        runs.withLock { $0.isStopping = true }
        while !runs.withLock(\.hasStopped) { usleep(1000) }
        return runs.withLock { $0 }
    }
}
