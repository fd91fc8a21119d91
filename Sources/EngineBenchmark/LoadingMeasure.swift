import ModelServing
import ONNXEngine
import ServingCore

/// Loading a ResNet-50 variant, all of it and what others do not have, beside a session of the original file.
struct LoadingMeasure {
    let store: BenchmarkStore
    let rounds: Int

    /// Measures both.
    func bars() throws -> [Bar] {
        let (model, other) = (store.models[0], store.models[1])
        try store.load(model)
        try store.clear()
        let all = try PairedTimes(
            rounds: rounds,
            ours: { try time(loading: model, beside: nil) },
            peer: { try peer(model) }
        )
        let rest = try PairedTimes(
            rounds: rounds,
            ours: { try time(loading: model, beside: other) },
            peer: { try peer(model) }
        )
        let common = Set(other.blocks.map(\.id))
        let shared = model.blocks.filter { common.contains($0.id) }.reduce(0) { $0 + $1.size.rawValue }
        let part = Double(shared) / Double(model.blocks.reduce(0) { $0 + $1.size.rawValue })
        return [
            Bar(name: "load, nothing resident (0.5)", figure: all.text, isReached: all.ratio <= 0.5),
            Bar(
                name: "load, \(part.rounded3) of the bytes resident (0.15)",
                figure: rest.text,
                isReached: rest.ratio <= 0.15
            ),
        ]
    }

    private func time(
        loading model: ServableModel,
        beside other: ServableModel?
    ) throws -> (wall: Double, processor: Double) {
        try store.clear()
        if let other { try store.load(other) }
        let watch = Stopwatch()
        try store.load(model)
        return watch.elapsed
    }

    private func peer(_ model: ServableModel) throws -> (wall: Double, processor: Double) {
        let watch = Stopwatch()
        let session = try store.engine.loadWithDefaults(block: BlockID("peer"), from: store.file(of: model))
        let elapsed = watch.elapsed
        withExtendedLifetime(session) {}
        return elapsed
    }
}
