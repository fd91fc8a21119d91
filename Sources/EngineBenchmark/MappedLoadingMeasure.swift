import Foundation
import ModelCatalog
import ModelServing
import ONNXEngine
import ServingCore

/// Loading and the first run after it, beside the best that ONNX Runtime alone does: the model optimised once, its weights in a
/// file beside it that is mapped, nothing repacked, opened anew each time.
///
/// What is compared is the load together with what its first run takes longer than a warm one: pages that are only mapped are
/// brought in by whoever touches them first.
struct MappedLoadingMeasure {
    let store: BenchmarkStore
    let rounds: Int

    /// Measures nothing resident, and what the second model shares.
    func bars() throws -> [Bar] {
        let (model, other) = (store.models[0], store.models[1])
        let optimised = try writeReference(of: model)
        for model in [model, other] { try store.load(model) }
        try store.clear()
        let input = RunningMeasure.input(of: model, size: 1)
        let cases =
            [("nothing resident", nil, 1.0), ("80 % resident", other, 0.35)] as [(String, ServableModel?, Double)]
        return try cases.map { name, other, limit in
            let times = try InterleavedTimes(
                rounds: rounds,
                [{ try ours(model, beside: other, input) }, { try reference(optimised, input) }]
            )
            return Bar(
                name: "load and first run, \(name), made anew, against a mapped session (\(limit))",
                figure: times.text(0, over: 1),
                isReached: times.ratio(0, over: 1) <= limit
            )
        }
    }

    private func writeReference(of model: ServableModel) throws -> String {
        let file = "\(store.store.directory)/optimised.onnx"
        if !FileManager.default.fileExists(atPath: file) {
            try store.engine.writeOptimised(store.file(of: model), to: file, weights: "optimised.bin")
        }
        return file
    }

    private func ours(_ model: ServableModel, beside other: ServableModel?, _ input: Tensor) throws -> Taken {
        try store.clear()
        if let other { try store.load(other) }
        let runner = ModelRunner(engine: store.engine, maximumBatchRows: 1, clock: { SystemMonotonicClock.now() })
        var pinned: PinnedModel?
        defer { pinned?.release() }
        return try sum {
            try store.load(model)
            pinned = try store.blocks.pin(model)
        } run: {
            guard let pinned else { return }
            _ = try runner.run(pinned, requests: [[input]]).results[0].get()
        }
    }

    private func reference(_ file: String, _ input: Tensor) throws -> Taken {
        var session: (any LoadedBlock)?
        return try sum {
            session = try store.engine.loadOptimised(file)
        } run: {
            _ = try session?.run([store.engine.makeTensor(input)])[0].bytes()
        }
    }

    /// What `load` takes, and what the first `run` takes longer than the quickest of five more.
    private func sum(_ load: () throws -> Void, run: () throws -> Void) throws -> Taken {
        var total = try Stopwatch.time {
            try load()
            try run()
        }
        let warm = try (0..<5).map { _ in try Stopwatch.time(run) }
        total.wall -= warm.map(\.wall).min() ?? 0
        total.processor -= warm.map(\.processor).min() ?? 0
        return total
    }
}
