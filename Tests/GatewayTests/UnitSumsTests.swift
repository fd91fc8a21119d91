import Foundation
import ModelCatalog
import ONNXEngine
import ServingCore
import Synchronization
import Testing

@testable import Gateway
@testable import ModelServing

/// Units of residual blocks that sum in the buffer they are given, on ONNX Runtime itself.
@Suite(.serialized) final class UnitSumsTests: Sendable {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "sums-\(UUID().uuidString)").path
    private let engine: ONNXEngine
    private let store: BlockStore
    private let models: [ServableModel]
    private let blocks: ResidentBlocks

    init() throws {
        engine = try ONNXEngine()
        store = try BlockStore(directory: folder + "/store")
        var zoo = try ModelZoo(depths: [34], variants: 3, shared: 0.7, sharing: .anywhere, seed: 3)
        (zoo.width, zoo.imageSize) = (16, 32)
        let types = try ONNXTensorTypes(configuration: GatewayConfiguration())
        var members: [ModelZoo.Member] = []
        try zoo.write(to: folder) { members.append($0) }
        for member in members { _ = try store.importModel(from: member.path, name: member.name, types: types) }
        let (units, fused) = try UnitEngine.serving(store, engine)
        models = fused
        blocks = ResidentBlocks(limit: ByteCount(1 << 30), engine: units) { [store] in store.path(of: $0) }
        for block in models.flatMap(\.blocks) { try blocks.load(block) }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func images(_ count: Int, seed: Int) -> Tensor {
        let size = count * 3 * 32 * 32
        let values = (0..<size).map { sin(Float(($0 &* 31 &+ seed &* 7919) % 4096)) }
        let data = values.withUnsafeBytes { ByteRegion(copying: $0) }
        return Tensor(name: "image", datatype: .float32, shape: [count, 3, 32, 32], data: data)
    }

    private func floats(_ region: ByteRegion) -> [Float] {
        region.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }

    private func isClose(_ ours: [Float], _ theirs: [Float]) -> Bool {
        let scale = max(theirs.map(abs).max() ?? 0, 1e-3)
        return ours.count == theirs.count && !ours.isEmpty
            && zip(ours, theirs).allSatisfy { abs($0 - $1) <= 1e-5 * scale }
    }

    @Test func `Batches of all sizes, from four threads at once, are answered as by the whole model`() throws {
        let wrong = Mutex(0)
        for model in models {
            let whole = try engine.load(block: BlockID(model.id.name), from: "\(folder)/\(model.id.name).onnx")
            let pinned = try blocks.pin(model)
            let runner = ModelRunner(engine: engine, maximumBatchRows: 8, clock: { SystemMonotonicClock.now() })
            let done = DispatchGroup()
            for worker in 0..<4 {
                done.enter()
                Thread.detachNewThread { [self] in
                    defer { done.leave() }
                    for round in 0..<12 {
                        let input = images([1, 3, 8, 1, 2][(round + worker) % 5], seed: worker * 100 + round)
                        let ours = try? floats(runner.run(pinned, requests: [[input]]).results[0].get()[0].data)
                        let theirs = try? floats(whole.run([engine.makeTensor(input)])[0].bytes())
                        let isRight = ours.flatMap { ours in theirs.map { isClose(ours, $0) } } ?? false
                        if !isRight { wrong.withLock { $0 += 1 } }
                    }
                }
            }
            done.wait()
        }
        #expect(wrong.withLock { $0 } == 0)
    }

    @Test func `A unit writes over its input only where that is allowed, and the client's bytes stay`() throws {
        guard engine.blocksLayouts else { return }
        var (inPlace, apart) = (0, 0)
        for model in models {
            let pinned = try blocks.pin(model)
            let loaded = try #require(pinned.stepBlocks)
            let input = images(2, seed: 1)
            let sent = input.data.array
            var values = [try engine.makeTensor(input)]
            for (index, block) in loaded.enumerated() {
                let given = values[0]
                let before = try given.bytes().array
                let kept = try block.run(values)
                #expect(try given.bytes().array == before)
                let expected = try kept[0].bytes().array
                let outputs = try block.run(values, overwriting: [index > 0], control: nil)
                #expect(try outputs[0].bytes().array == expected)
                if outputs[0] === given { inPlace += 1 } else { apart += 1 }
                values = outputs
            }
            #expect(input.data.array == sent)
        }
        #expect(inPlace > 0 && apart > 0)
    }
}
