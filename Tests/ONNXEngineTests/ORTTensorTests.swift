import ModelServing
import ONNXEngine
import ServingCore
import TestSupport
import Testing

extension ONNXEngineTests {
    struct TensorTests {
        @Test(arguments: TensorDatatype.allCases, [0, 1, 5])
        func `Every datatype goes in and comes out unchanged`(datatype: TensorDatatype, rows: Int) throws {
            let tensor = Self.random(datatype, rows: rows, seed: 1)
            let outputs = try ONNXEngineTests.run(ONNXEngineTests.load("identity-\(datatype.rawValue)"), [tensor])
            #expect(outputs.count == 1)
            #expect(outputs[0].datatype == datatype)
            #expect(outputs[0].shape == [rows, 3])
            #expect(try outputs[0].bytes().array == tensor.data.array)
        }

        @Test(arguments: TensorDatatype.allCases)
        func `Bytes that lie at an odd address are read right`(datatype: TensorDatatype) throws {
            var tensor = Self.random(datatype, rows: 4, seed: 2)
            let expected = tensor.data.array
            tensor.data = try #require(ByteRegion(copying: [0] + expected).slice(1..<(expected.count + 1)))
            let outputs = try ONNXEngineTests.run(ONNXEngineTests.load("identity-\(datatype.rawValue)"), [tensor])
            #expect(try outputs[0].bytes().array == expected)
        }

        @Test func `Aligned bytes are used where they lie`() throws {
            let tensor = Self.random(.float32, rows: 4, seed: 3)
            let bytes = try ONNXEngine().makeTensor(tensor).bytes()
            #expect(bytes.withUnsafeBytes { $0.baseAddress } == tensor.data.withUnsafeBytes { $0.baseAddress })
        }

        @Test func `Strings keep zeros, emptiness and bytes that are no UTF-8`() throws {
            let strings: [[UInt8]] = [[0, 65, 0], [], [0xFF, 0xFE, 0x80]]
            let wire: [UInt8] = strings.flatMap { string -> [UInt8] in [UInt8(string.count), 0, 0, 0] + string }
            let tensor = Tensor(name: "x", datatype: .bytes, shape: [1, 3], data: ByteRegion(copying: wire))
            let outputs = try ONNXEngineTests.run(ONNXEngineTests.load("identity-BYTES"), [tensor])
            #expect(try outputs[0].bytes().array == wire)
        }

        @Test func `An output outlives its block and its inputs`() throws {
            var outputs: [any EngineTensor] = []
            let region: ByteRegion
            do {
                let block = try ONNXEngineTests.load("identity-FP32")
                outputs = try ONNXEngineTests.run(block, [ONNXEngineTests.floats([1, 2, 3], shape: [1, 3])])
                region = try outputs[0].bytes()
                outputs = []
            }
            #expect(ONNXEngineTests.floats(region) == [1, 2, 3])
        }

        @Test func `An input that a graph hands through stays alive as its output`() throws {
            let freed = Freed()
            var region: ByteRegion?
            do {
                let owner = OwnedFloats([1, 2, 3, 4, 5, 6], freed: freed)
                let tensor = Tensor(name: "x", datatype: .float32, shape: [2, 3], data: owner.region)
                region = try ONNXEngineTests.run(ONNXEngineTests.load("passthrough"), [tensor])[0].bytes()
            }
            let values = region.map { ONNXEngineTests.floats($0) }
            #expect(values == [1, 2, 3, 4, 5, 6])
            region = nil
            #expect(freed.count == 1, "and is let go with it")
        }

        @Test(arguments: [
            Tensor(name: "x", datatype: .float32, shape: [1, 3], data: ByteRegion(copying: [UInt8](0..<11))),
            Tensor(name: "x", datatype: .float32, shape: [-1, 3], data: .empty),
            Tensor(name: "x", datatype: .float32, shape: [.max, .max], data: .empty),
            Tensor(name: "x", datatype: .float32, shape: [.max / 2], data: .empty),
            Tensor(name: "x", datatype: .bool, shape: [2], data: ByteRegion(copying: [1, 2])),
            Tensor(name: "x", datatype: .bytes, shape: [2], data: ByteRegion(copying: [1, 0, 0, 0, 65])),
            Tensor(name: "x", datatype: .bytes, shape: [1], data: ByteRegion(copying: [2, 0, 0, 0, 65])),
            Tensor(name: "x", datatype: .bytes, shape: [1], data: ByteRegion(copying: [0xFF, 0xFF, 0xFF, 0xFF, 65])),
            Tensor(name: "x", datatype: .bytes, shape: [1], data: ByteRegion(copying: [1, 0, 0, 0, 65, 66])),
            Tensor(name: "x", datatype: .bytes, shape: [1 << 40], data: ByteRegion(copying: [0, 0, 0, 0])),
        ])
        func `Bytes that are not what shape and datatype say are refused`(tensor: Tensor) {
            #expect(failureCode { _ = try ONNXEngine().makeTensor(tensor) } == .invalidField)
        }

        static func random(_ datatype: TensorDatatype, rows: Int, seed: UInt64) -> Tensor {
            var random = SeededGenerator(seed: seed)
            let count = rows * 3
            let bytes: [UInt8] =
                switch (datatype, datatype.elementSize) {
                case (.bool, _): (0..<count).map { _ in UInt8.random(in: 0...1, using: &random) }
                case (_, let size?): (0..<count * size).map { _ in UInt8.random(in: 0...255, using: &random) }
                default: (0..<count).flatMap { [UInt8($0), 0, 0, 0] + [UInt8](repeating: UInt8(100 + $0), count: $0) }
                }
            return Tensor(name: "x", datatype: datatype, shape: [rows, 3], data: ByteRegion(copying: bytes))
        }
    }
}

/// Counts how often something was freed; only one test's one thread uses it.
private final class Freed {
    var count = 0
}

/// Memory that is overwritten before it is freed, so that whoever reads it too late reads nonsense.
private final class OwnedFloats {
    private let memory: UnsafeMutableBufferPointer<Float>
    private let freed: Freed

    init(_ values: [Float], freed: Freed) {
        memory = .allocate(capacity: values.count)
        _ = memory.initialize(from: values)
        self.freed = freed
    }

    deinit {
        memory.update(repeating: .nan)
        memory.deallocate()
        freed.count += 1
    }

    var region: ByteRegion {
        let bytes = UnsafeRawBufferPointer(memory)
        guard let start = bytes.baseAddress else { return .empty }
        return ByteRegion(owner: self, start: start, count: bytes.count)
    }
}
