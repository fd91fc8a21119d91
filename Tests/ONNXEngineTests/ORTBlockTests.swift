import Foundation
import ModelServing
import ONNXEngine
import ServingCore
import Synchronization
import TestSupport
import Testing

extension ONNXEngineTests {
    struct BlockTests {
        @Test func `A block says what goes in and what comes out, in the graph's order`() throws {
            let block = try ONNXEngineTests.load("two-by-two")
            #expect(
                block.inputs == [
                    TensorSpecification(name: "b", datatype: .float32, shape: [-1, 2]),
                    TensorSpecification(name: "a", datatype: .int64, shape: [-1]),
                ]
            )
            #expect(block.outputs.map(\.name) == ["z", "y"])
            #expect(try ONNXEngineTests.load("unknown").inputs.map(\.shape) == [[-1, -1, 3]])
            #expect(try ONNXEngineTests.load("fixed").outputs.map(\.shape) == [[1, 3]])
        }

        @Test func `Inputs and outputs of different types stay in order`() throws {
            let outputs = try ONNXEngineTests.run(ONNXEngineTests.load("two-by-two"), Self.twoByTwo(rows: [3, 0]))
            #expect(try ONNXEngineTests.floats(outputs[0].bytes()) == [0, 1, 4, 9])
            #expect(try ONNXEngineTests.floats(outputs[1].bytes()) == [40, 10])
        }

        @Test func `Inputs the model cannot take are the caller's fault`() throws {
            let block = try ONNXEngineTests.load("two-by-two")
            #expect(failureCode { _ = try ONNXEngineTests.run(block, Self.twoByTwo(rows: [1, 4])) } == .invalidField)
            #expect(failureCode { _ = try ONNXEngineTests.run(block, []) } == .internalError)
        }

        @Test func `Two blocks of a chain give what the whole model gives`() throws {
            let x = ONNXEngineTests.floats((0..<12).map { Float($0 % 5) - 2 }, shape: [3, 4])
            let whole = try ONNXEngineTests.run(ONNXEngineTests.load("chain-whole"), [x])
            let middle = try ONNXEngineTests.run(ONNXEngineTests.load("chain-first"), [x])
            let end = try ONNXEngineTests.load("chain-second").run(middle)
            #expect(end[0].shape == [3, 2])
            #expect(try end[0].bytes().array == whole[0].bytes().array)
            #expect(try ONNXEngineTests.floats(end[0].bytes()) == Self.expectedChain(x))
        }

        @Test func `Four threads on one session each get their own answer`() throws {
            let block = try ONNXEngineTests.load("chain-whole")
            let wrong = Mutex(0)
            let done = DispatchGroup()
            for worker in 0..<4 as Range<UInt64> {
                done.enter()
                Thread.detachNewThread {
                    defer { done.leave() }
                    var random = SeededGenerator(seed: worker)
                    for _ in 0..<200 {
                        let rows = Int.random(in: 1...6, using: &random)
                        let values = (0..<rows * 4).map { _ in Float(Int.random(in: -9...9, using: &random)) }
                        let x = ONNXEngineTests.floats(values, shape: [rows, 4])
                        let outputs = try? ONNXEngineTests.run(block, [x])
                        let answer = outputs.flatMap { try? ONNXEngineTests.floats($0[0].bytes()) }
                        if answer != Self.expectedChain(x) { wrong.withLock { $0 += 1 } }
                    }
                }
            }
            #expect(done.wait(timeout: .now() + 60) == .success)
            #expect(wrong.withLock { $0 } == 0)
        }

        @Test func `A missing file, one that is no model, and outputs that are no tensors fail the load`() throws {
            #expect(failureCode { _ = try ONNXEngineTests.load("nowhere") } == .engineFailed)
            #expect(failureCode { _ = try ONNXEngineTests.load("sequence") } == .engineFailed)
            let engine = try ONNXEngine()
            #expect(failureCode { _ = try engine.load(block: BlockID("x"), from: #filePath) } == .engineFailed)
        }

        @Test func `A file cut off or with a flipped bit is an error or another model, never a crash`() throws {
            let whole = try [UInt8](Data(contentsOf: URL(filePath: ONNXEngineTests.model("chain-whole"))))
            let file = FileManager.default.temporaryDirectory.appending(path: "damaged-\(UUID()).onnx")
            defer { try? FileManager.default.removeItem(at: file) }
            let engine = try ONNXEngine()
            var random = SeededGenerator(seed: 5)
            var failures = 0
            for index in 0..<200 {
                var bytes = whole
                if index.isMultiple(of: 2) {
                    bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
                } else {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] ^=
                        1 << UInt8.random(in: 0..<8, using: &random)
                }
                try Data(bytes).write(to: file)
                if failureCode({ _ = try engine.load(block: BlockID("x"), from: file.path) }) != nil { failures += 1 }
            }
            #expect(failures > 100)
        }

        @Test func `A model given as bytes says what it takes and gives`() throws {
            let bytes = try ByteRegion(copying: Data(contentsOf: URL(filePath: ONNXEngineTests.model("two-by-two"))))
            let (inputs, outputs) = try ONNXEngine().tensorSpecifications(ofModelBytes: bytes)
            let block = try ONNXEngineTests.load("two-by-two")
            #expect(inputs == block.inputs)
            #expect(outputs == block.outputs)
            let none = failureCode { _ = try ONNXEngine().tensorSpecifications(ofModelBytes: .empty) }
            #expect(none == .engineFailed)
        }

        private static func twoByTwo(rows: [Int64]) -> [Tensor] {
            let indices = rows.withUnsafeBytes { ByteRegion(copying: $0) }
            return [
                ONNXEngineTests.floats((0..<rows.count * 2).map { Float($0) }, shape: [rows.count, 2], name: "b"),
                Tensor(name: "a", datatype: .int64, shape: [rows.count], data: indices),
            ]
        }

        /// What the models `chain-*` calculate, written out.
        private static func expectedChain(_ x: Tensor) -> [Float] {
            let first = (0..<32).map { Float($0 % 7 - 3) }
            let second = (0..<16).map { Float($0 % 5 - 2) }
            let values = ONNXEngineTests.floats(x.data)
            return (0..<x.shape[0]).flatMap { row in
                let hidden = (0..<8).map { unit in
                    max(0, (0..<4).reduce(0) { $0 + values[row * 4 + $1] * first[$1 * 8 + unit] })
                }
                return (0..<2).map { unit in (0..<8).reduce(Float(0)) { $0 + hidden[$1] * second[$1 * 2 + unit] } }
            }
        }
    }
}
