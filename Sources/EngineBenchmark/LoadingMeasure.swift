import ModelServing
import ONNXEngine
import ServingCore

/// Loading a ResNet-50 variant, all of it and what others do not have, beside a session of the original file.
struct LoadingMeasure {
    let store: BenchmarkStore
    let rounds: Int

    /// Measures both, beside a session with default options, against which the bars are held, and one with ours: one
    /// thread pool and one allocator for all.
    func bars() throws -> [Bar] {
        let (model, other) = (store.models[0], store.models[1])
        try store.load(model)
        try store.clear()
        let common = Set(other.blocks.map(\.id))
        let shared = model.blocks.filter { common.contains($0.id) }.reduce(0) { $0 + $1.size.rawValue }
        let part = Double(shared) / Double(model.blocks.reduce(0) { $0 + $1.size.rawValue })
        return [
            try bar("load, nothing resident", limit: 0.5, model, beside: nil),
            try bar("load, \(part.rounded3) of the bytes resident", limit: 0.15, model, beside: other),
        ]
    }

    private func bar(
        _ name: String,
        limit: Double,
        _ model: ServableModel,
        beside other: ServableModel?
    ) throws -> Bar {
        let times = try InterleavedTimes(
            rounds: rounds,
            [
                { try time(loading: model, beside: other) },
                { try peer { try store.engine.loadWithDefaults(block: $0, from: store.file(of: model)) } },
                { try peer { try store.engine.load(block: $0, from: store.file(of: model)) } },
            ]
        )
        return Bar(
            name: "\(name) (\(limit))",
            figure: "\(times.text(0, over: 1)); session with our options: \(times.text(0, over: 2))",
            isReached: times.ratio(0, over: 1) <= limit
        )
    }

    private func time(
        loading model: ServableModel,
        beside other: ServableModel?
    ) throws -> Taken {
        try store.clear()
        if let other { try store.load(other) }
        return try Stopwatch.time { try store.load(model) }
    }

    private func peer(_ load: (BlockID) throws -> any LoadedBlock) throws -> Taken {
        let watch = Stopwatch()
        let session = try load(BlockID("peer"))
        let elapsed = watch.elapsed
        withExtendedLifetime(session) {}
        return elapsed
    }
}
