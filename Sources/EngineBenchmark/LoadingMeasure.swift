import ModelServing
import ONNXEngine
import ServingCore

/// Loading a ResNet-50 variant, all of it and what others do not have, beside a session of the original file.
///
/// Memory that is new to a process takes longer to get than a block takes to read. So each side is measured as it comes (the
/// gateway keeps memory for blocks, ONNX Runtime gives a session's back) and with what the other has: blocks in memory that is
/// fetched for them, sessions in a heap that keeps all it ever had.
struct LoadingMeasure {
    let store: BenchmarkStore
    let rounds: Int

    /// Measures nothing resident, and what the second model shares.
    func bars() throws -> [Bar] {
        let (model, other) = (store.models[0], store.models[1])
        try store.load(model)
        try store.clear()
        let common = Set(other.blocks.map(\.id))
        let shared = model.blocks.filter { common.contains($0.id) }.reduce(0) { $0 + $1.size.rawValue }
        let part = Double(shared) / Double(model.blocks.reduce(0) { $0 + $1.size.rawValue })
        let cases = [
            LoadingCase(name: "load, nothing resident", limit: 0.5, model: model, other: nil),
            LoadingCase(name: "load, \(part.rounded3) of the bytes resident", limit: 0.15, model: model, other: other),
        ]
        let asTheyCome = try cases.map(asTheyCome)
        ONNXEngine.keepHeap()
        return try zip(cases, asTheyCome).map { loading, usual in
            let kept = try InterleavedTimes(rounds: rounds, [{ try ours(loading) }, { try peer(loading) }])
            return Bar(
                name: "\(loading.name) (\(loading.limit))",
                figure: "\(usual.text(0, over: 1)); its heap kept: \(kept.text(0, over: 1)); no memory kept for "
                    + "blocks: \(usual.text(2, over: 1)); session with our options: \(usual.text(0, over: 3))",
                isReached: usual.ratio(0, over: 1) <= loading.limit && kept.ratio(0, over: 1) <= loading.limit
            )
        }
    }

    /// Blocks in kept memory; a session with default options; blocks in fresh memory; a session with our options: one thread
    /// pool and one allocator for all.
    private func asTheyCome(_ loading: LoadingCase) throws -> InterleavedTimes {
        try InterleavedTimes(
            rounds: rounds,
            [
                { try ours(loading) },
                { try peer(loading) },
                { try ours(loading, keepsMemory: false) },
                { try peer { try store.engine.load(block: $0, from: store.file(of: loading.model)) } },
            ]
        )
    }

    private func ours(_ loading: LoadingCase, keepsMemory: Bool = true) throws -> Taken {
        try store.clear()
        let memory = keepsMemory ? loading.memory : .zero
        store.engine.reserveMemory(memory, keeping: memory)
        if let other = loading.other { try store.load(other) }
        return try Stopwatch.time { try store.load(loading.model) }
    }

    private func peer(_ loading: LoadingCase) throws -> Taken {
        try peer { try store.engine.loadWithDefaults(block: $0, from: store.file(of: loading.model)) }
    }

    private func peer(_ load: (BlockID) throws -> any LoadedBlock) throws -> Taken {
        let watch = Stopwatch()
        let session = try load(BlockID("peer"))
        let elapsed = watch.elapsed
        withExtendedLifetime(session) {}
        return elapsed
    }
}

/// What is loaded, and beside what.
private struct LoadingCase {
    let name: String
    let limit: Double
    let model: ServableModel
    let other: ServableModel?

    /// What all of it takes, with room for the rest of a huge page in each block.
    var memory: ByteCount {
        let blocks = Dictionary((model.blocks + (other?.blocks ?? [])).map { ($0.id, $0.size) }) { first, _ in first }
        return blocks.values.reduce(.zero) { $0 + $1 + ByteCount(2 << 20) }
    }
}
