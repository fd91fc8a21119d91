import Foundation
import ModelServing
import ONNXEngine
import ServingCore
import TestSupport
import Testing

extension ONNXEngineTests {
    /// The serving layer on the real engine.
    struct ServingTests {
        private static func serve(
            _ blocks: [String],
            tensors: (in: TensorSpecification, out: TensorSpecification)
        ) throws -> (ModelRunner, PinnedModel) {
            let engine = try ONNXEngine()
            let resident = ResidentBlocks(limit: ByteCount(1 << 20), engine: engine) { ONNXEngineTests.model($0.hash) }
            let chain = blocks.map { ParameterBlock.named($0) }
            for block in chain { try resident.load(block) }
            var model = ServableModel.chain("m", blocks: chain, tensors: [tensors.in])
            model.outputs = [tensors.out]
            let runner = ModelRunner(engine: engine, maximumBatchRows: 64, clock: SystemMonotonicClock.now)
            return (runner, try resident.pin(model))
        }

        @Test func `A batch through two blocks gives each request what it gets alone`() throws {
            let x = TensorSpecification(name: "x", datatype: .float32, shape: [-1, 4])
            let y = TensorSpecification(name: "y", datatype: .float32, shape: [-1, 2])
            let (runner, model) = try Self.serve(["chain-first", "chain-second"], tensors: (x, y))
            var random = SeededGenerator(seed: 11)
            let requests = (0..<30).map { _ in
                let rows = Int.random(in: 0...3, using: &random)
                let values = (0..<rows * 4).map { _ in Float(Int.random(in: -9...9, using: &random)) }
                return [ONNXEngineTests.floats(values, shape: [rows, 4])]
            }
            let together = try runner.run(model, requests: requests).results.map { try $0.get()[0] }
            let alone = try requests.map { try runner.run(model, requests: [$0]).results[0].get()[0] }
            #expect(together.map(\.shape) == alone.map(\.shape))
            #expect(together.map(\.data.array) == alone.map(\.data.array))
            #expect(Set(together.map(\.data.array)).count > 5)
        }

        @Test func `A model that loses rows answers requests as it does alone, not side by side`() throws {
            let x = TensorSpecification(name: "x", datatype: .float32, shape: [-1, 2])
            let (runner, model) = try Self.serve(["drops-a-row"], tensors: (x, x))
            let request = [ONNXEngineTests.floats([1, 2, 3, 4], shape: [2, 2])]
            #expect(try runner.run(model, requests: [request]).results[0].get()[0].shape == [1, 2])
            let outcome = runner.run(model, requests: [request, request])
            #expect(try outcome.results.map { try $0.get()[0].shape } == [[1, 2], [1, 2]])
            #expect(outcome.timing.runs.map(\.succeeded) == [false, true, true])
        }
    }
}
