import Glibc
import ModelServing
import ONNXEngine
import ServingCore

/// Running a model as its chain of units, beside the whole model in one session.
struct RunningMeasure {
    let store: BenchmarkStore
    let rounds: Int
    /// What the family shares.
    let sharing: String

    /// Measures batches of 1 and 8.
    func bars() throws -> [Bar] {
        let model = store.models[0]
        try store.load(model)
        let pinned = try store.blocks.pin(model)
        defer { pinned.release() }
        // The same options as the chain's: only the cuts differ. Twice, since whole against whole shows what noise does.
        let whole = try store.engine.load(block: BlockID("whole"), from: store.file(of: model))
        let control = try store.engine.load(block: BlockID("control"), from: store.file(of: model))
        let defaults = try store.engine.loadWithDefaults(block: BlockID("defaults"), from: store.file(of: model))
        return try [1, 8].map { size in
            let input = Self.input(of: model, size: size)
            let runner = ModelRunner(engine: store.engine, maximumBatchRows: size, clock: SystemMonotonicClock.now)
            let difference = try Self.difference(
                runner.run(pinned, requests: [[input]]).results[0].get()[0].data,
                whole.run([store.engine.makeTensor(input)])[0].bytes()
            )
            let ours = { try Stopwatch.time { _ = try runner.run(pinned, requests: [[input]]).results[0].get() } }
            func session(_ block: any LoadedBlock) -> () throws -> Taken {
                { try Stopwatch.time { _ = try block.run([store.engine.makeTensor(input)])[0].bytes() } }
            }
            // Many: on a shared machine the median of 60 rounds still strays by three hundredths, that of 300 by one.
            let times = try InterleavedTimes(
                rounds: size == 1 ? rounds * 20 : rounds * 3,
                [ours, session(whole), session(control)]
            )
            // Apart, and with a pause: its threads go on looking for work for a while, and take the cores from who follows.
            let usual = try InterleavedTimes(
                rounds: rounds,
                [
                    ours,
                    {
                        defer { usleep(100_000) }
                        return try session(defaults)()
                    },
                ]
            )
            return Bar(
                name: "run, \(sharing), \(model.blocks.count) units, batch \(size) (1.03)",
                figure: times.text(0, over: 1) + "; whole against whole \(times.ratio(2, over: 1).rounded3); against a "
                    + "session with default options \(usual.ratio(0, over: 1).rounded3); outputs differ by \(difference)",
                isReached: times.ratio(0, over: 1) <= 1.03 && difference <= 1e-5
            )
        }
    }

    /// The largest difference of two rows of numbers, relative to the largest number.
    private static func difference(_ one: ByteRegion, _ other: ByteRegion) -> Float {
        let (one, other) = (floats(one), floats(other))
        guard one.count == other.count, !one.isEmpty else { return .infinity }
        let scale = other.map(abs).max() ?? 1
        return (zip(one, other).map { abs($0 - $1) }.max() ?? .infinity) / max(scale, .leastNormalMagnitude)
    }

    private static func floats(_ bytes: ByteRegion) -> [Float] {
        bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }

    /// A batch of `size` images.
    static func input(of model: ServableModel, size: Int) -> Tensor {
        let shape = [size] + model.inputs[0].shape.dropFirst()
        let values = (0..<shape.reduce(1, *)).map { Float($0 % 251) / 251 }
        let bytes = values.withUnsafeBytes { ByteRegion(copying: $0) }
        return Tensor(name: model.inputs[0].name, datatype: .float32, shape: shape, data: bytes)
    }
}
