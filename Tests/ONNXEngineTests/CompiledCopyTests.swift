import Foundation
import ModelCatalog
import ModelServing
import ServingCore
import TestSupport
import Testing

@testable import ONNXEngine

extension ONNXEngineTests {
    /// Copies of blocks as ONNX Runtime optimised them.
    struct CompiledCopyTests {
        /// A folder of the test's own with the compiled copy of one model.
        private final class Copy {
            let folder = FileManager.default.temporaryDirectory.appending(path: "compiled-\(UUID().uuidString)").path
            let id: BlockID
            var file: String { "\(folder)/copy" }

            init(of name: String) throws {
                id = BlockID(name)
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try ONNXEngine().compile(block: id, from: .file(ONNXEngineTests.model(name)), to: file)
            }

            deinit {
                try? FileManager.default.removeItem(atPath: folder)
            }

            func load() throws -> any LoadedBlock { try ONNXEngine().load(block: id, compiled: file, packing: true) }

            /// Why the copy is not taken.
            func fault() -> CompiledCopyFault? {
                do throws(CompiledCopyFault) {
                    _ = try ONNXEngineTests.open(id, file)
                    return nil
                } catch {
                    return error
                }
            }
        }

        @Test(arguments: ["chain-whole", "chain-first", "convolution", "unfolding"])
        func `A copy takes and gives what its model does`(name: String) throws {
            let copy = try Copy(of: name)
            let (compiled, original) = (try copy.load(), try ONNXEngineTests.load(name))
            #expect(compiled.inputs == original.inputs)
            #expect(compiled.outputs == original.outputs)
            var random = SeededGenerator(seed: 5)
            let inputs = original.inputs.map { input in
                let shape = input.shape.map { $0 < 0 ? 3 : $0 }
                let values = (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &random) }
                return ONNXEngineTests.floats(values, shape: shape, name: input.name)
            }
            let answers = try [compiled, original].map { block in
                try ONNXEngineTests.run(block, inputs).map { try ONNXEngineTests.floats($0.bytes()) }
            }
            for (ours, theirs) in zip(answers[0].joined(), answers[1].joined()) {
                #expect(abs(ours - theirs) <= 1e-5 * max(1, abs(theirs)))
            }
        }

        @Test func `Every changed byte of a copy is found before it is used`() throws {
            let copy = try Copy(of: "convolution")
            let whole = try Data(contentsOf: URL(filePath: copy.file))
            #expect(copy.fault() == nil)
            var random = SeededGenerator(seed: 8)
            for _ in 0..<300 {
                var changed = whole
                changed[Int.random(in: 0..<whole.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                try changed.write(to: URL(filePath: copy.file))
                guard case .damaged = copy.fault() else {
                    Issue.record("a flipped bit was not found: \(String(describing: copy.fault()))")
                    return
                }
            }
        }

        @Test func `A copy that ends early, is empty, missing or another block's is not taken`() throws {
            let copy = try Copy(of: "convolution")
            let whole = try Data(contentsOf: URL(filePath: copy.file))
            for count in [0, 1, 63, 64, whole.count / 2, whole.count - 1] {
                try whole.prefix(count).write(to: URL(filePath: copy.file))
                guard case .damaged = copy.fault() else {
                    Issue.record("\(count) bytes were taken for a copy")
                    continue
                }
            }
            try FileManager.default.removeItem(atPath: copy.file)
            #expect(copy.fault() == .absent)
            let other = try Copy(of: "chain-whole")
            try FileManager.default.copyItem(atPath: other.file, toPath: copy.file)
            guard case .damaged = copy.fault() else {
                Issue.record("another block's copy was taken")
                return
            }
        }

        @Test func `Compiling leaves nothing but the copy`() throws {
            let copy = try Copy(of: "unfolding")
            #expect(try FileManager.default.contentsOfDirectory(atPath: copy.folder) == ["copy"])
        }

        @Test func `What a copy takes is all its own and comes back`() throws {
            let copy = try Copy(of: "unfolding")
            let before = ONNXEngine.allocatedBytes
            var block: (any LoadedBlock)? = try copy.load()
            let size = try #require(block).residentSize
            #expect((4 << 20)..<(9 << 20) ~= size.rawValue)
            block = nil
            // Other suites' engines run in this process meanwhile, with little memory.
            #expect(ONNXEngine.allocatedBytes < before + ByteCount(2 << 20))
        }

        @Test func `A model without weights has a copy, too`() throws {
            let copy = try Copy(of: "passthrough")
            #expect(try copy.load().inputs.count == (try ONNXEngineTests.load("passthrough")).inputs.count)
        }
    }

    fileprivate static func open(_ id: BlockID, _ file: String) throws(CompiledCopyFault) -> any LoadedBlock {
        let engine: ONNXEngine
        do {
            engine = try ONNXEngine()
        } catch {
            throw .failed(ServingError(.engineFailed, "\(error)"))
        }
        return try engine.load(block: id, compiled: file, packing: true)
    }
}
