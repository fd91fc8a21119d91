import Foundation
import Gateway
import Logging
import ModelCatalog
import ModelServing
import ONNXEngine
import ServingCore
import Synchronization

/// What loads and batches take over what `gateway calibrate` says they do, in the situations a gateway meets.
///
/// Prints a line for each; nothing here is a bar.
struct EstimatesMeasure {
    let store: BenchmarkStore
    let rounds: Int
    private let loads: [BlockID: Double]
    private let computes: [ModelID: (base: Double, item: Double)]

    /// Calibrates the store as `gateway calibrate` does.
    init(store: BenchmarkStore, rounds: Int) throws {
        self.store = store
        self.rounds = rounds
        var logger = Logger(label: "benchmark")
        logger.logLevel = .error
        let calibrator = ModelCalibrator(
            store: store.store,
            engine: store.engine,
            memory: ByteCount(1 << 40),
            logger: logger
        )
        try calibrator.calibrate(onlyMissing: false)
        let measured = store.store.calibration(key: store.engine.calibrationKey)
        var loads: [BlockID: Double] = [:]
        for block in store.models.flatMap(\.blocks) { loads[block.id] = measured[load: block.id]?.seconds }
        self.loads = loads
        let computes = try store.store.models().map { entry in
            (entry.model.id, measured[compute: entry.model].map { ($0.baseSeconds, $0.itemSeconds) })
        }
        self.computes = Dictionary(
            uniqueKeysWithValues: computes.compactMap { id, compute in compute.map { (id, $0) } }
        )
    }

    /// Measures and prints all.
    func report() throws {
        print("actual over calibrated: p10, median, p90; |estimate - actual| / actual: p90")
        for model in store.models { try store.load(model) }
        for size in [1, 2, 4, 8] {
            try line("batch of \(size), back to back", ratios(of: size, inTurn: false))
            try line("batch of \(size), models in turn", ratios(of: size, inTurn: true))
        }
        for (place, ratios) in try afterLoads().enumerated() { line("run \(place + 1) after a load", ratios) }
        try line("load, back to back", loadRatios())
        try line(
            "load, after a batch of another model",
            loadRatios { try run(store.models[$0 % store.models.count], 2) }
        )
        try beside()
    }

    private func line(_ name: String, _ ratios: [Double]) {
        let sorted = ratios.sorted()
        let errors = ratios.map { abs(1 / $0 - 1) }.sorted()
        func quantile(_ values: [Double], _ part: Double) -> String {
            values.isEmpty ? "-" : values[min(Int(part * Double(values.count)), values.count - 1)].rounded3
        }
        let figures = [0.1, 0.5, 0.9].map { quantile(sorted, $0) }.joined(separator: " ")
        print("  \(name): \(figures); \(quantile(errors, 0.9)) (\(ratios.count))")
    }

    /// Runs a batch, and says how many times its estimate it took.
    @discardableResult
    private func run(_ model: ServableModel, _ size: Int) throws -> Double {
        let input = RunningMeasure.input(of: model, size: 1)
        let runner = ModelRunner(engine: store.engine, maximumBatchRows: 8, clock: SystemMonotonicClock.now)
        let pinned = try store.blocks.pin(model)
        defer { pinned.release() }
        let requests = Array(repeating: [input], count: size)
        let taken = try Stopwatch.time {
            for result in runner.run(pinned, requests: requests).results { _ = try result.get() }
        }
        guard let estimate = computes[model.id] else { return .nan }
        return taken.wall / (estimate.base + estimate.item * Double(size))
    }

    private func ratios(of size: Int, inTurn: Bool) throws -> [Double] {
        var ratios: [Double] = []
        if inTurn {
            for _ in 0..<rounds { for model in store.models { ratios.append(try run(model, size)) } }
        } else {
            for model in store.models {
                try run(model, size)
                for _ in 0..<rounds { ratios.append(try run(model, size)) }
            }
        }
        return ratios
    }

    /// Batches of one, the first, second and third after the model was loaded anew.
    private func afterLoads() throws -> [[Double]] {
        var ratios: [[Double]] = [[], [], []]
        for _ in 0..<rounds {
            for (index, model) in store.models.enumerated() {
                for block in model.blocks { try store.blocks.evict(block.id) }
                try run(other(than: index, without: model), 1)
                try store.load(model)
                for place in ratios.indices { ratios[place].append(try run(model, 1)) }
                for model in store.models { try store.load(model) }
            }
        }
        return ratios
    }

    /// Another model, all of it in memory.
    private func other(than index: Int, without model: ServableModel) throws -> ServableModel {
        let other = store.models[(index + 1) % store.models.count]
        try store.load(other)
        return other
    }

    /// Loads of all blocks, one after the other, `before` each.
    private func loadRatios(before: (Int) throws -> Void = { _ in }) throws -> [Double] {
        let blocks = loads.keys.sorted()
        var ratios: [Double] = []
        for round in 0..<rounds {
            for (index, id) in blocks.enumerated() {
                try before(round + index)
                ratios.append(try load(id))
            }
        }
        return ratios
    }

    private func load(_ id: BlockID) throws -> Double {
        let taken = try Stopwatch.time {
            let loaded = try store.units.load(block: id, from: store.store.path(of: id))
            withExtendedLifetime(loaded) {}
        }
        return taken.wall / (loads[id] ?? .nan)
    }

    /// Batches while another thread loads, and loads while another thread runs batches.
    private func beside() throws {
        let batches = try alongside({ index in try load(loads.keys.sorted()[index % loads.count]) }) {
            try ratios(of: 1, inTurn: true) + ratios(of: 4, inTurn: true)
        }
        line("batches of 1 and 4, models in turn, beside loads", batches)
        let found = try alongside({ index in try run(store.models[index % store.models.count], 1 + index % 4) }) {
            try loadRatios()
        }
        line("load, beside batches", found)
    }

    /// What `work` gives while a thread does something else again and again.
    private func alongside(_ other: @escaping (Int) throws -> Double, _ work: () throws -> [Double]) throws -> [Double]
    {
        let state = Mutex((isStopping: false, hasStopped: false))
        nonisolated(unsafe) let other = other
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            var index = 0
            while !state.withLock(\.isStopping) {
                _ = try? other(index)
                index += 1
            }
            done.signal()
        }
        thread.start()
        defer {
            state.withLock { $0.isStopping = true }
            done.wait()
        }
        return try work()
    }
}
