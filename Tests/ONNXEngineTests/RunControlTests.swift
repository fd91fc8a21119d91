import Foundation
import ModelServing
import ONNXEngine
import ServingCore
import TestSupport
import Testing

extension ONNXEngineTests {
    /// What a run may take, and that it can be ended.
    struct RunControlTests {
        private static let limit = ByteCount(64 << 20)

        private static func integers(_ values: [Int64], shape: [Int], name: String = "x") -> Tensor {
            let bytes = values.withUnsafeBytes { ByteRegion(copying: $0) }
            return Tensor(name: name, datatype: .int64, shape: shape, data: bytes)
        }

        private static func run(_ model: String, _ inputs: [Tensor], _ control: (any RunControl)?) throws -> [Int] {
            let (engine, block) = (try ONNXEngine(), try ONNXEngineTests.load(model))
            control?.begin()
            defer { control?.end() }
            let given = try inputs.map { tensor throws(ServingError) in try engine.makeTensor(tensor) }
            return try block.run(given, overwriting: [], control: control)[0].shape
        }

        private static func shape(_ sides: Int64...) -> [Tensor] {
            [integers(sides, shape: [sides.count], name: "shape")]
        }

        @Test(arguments: [(1 << 20, 1 << 20), (4096, 4097), (1 << 24, 1 << 24)] as [(Int64, Int64)])
        func `An output beyond the limit fails its run, naming limit and key, and the next run goes on`(
            sides: (Int64, Int64)
        ) throws {
            let control = try ONNXEngine().makeRunControl(memory: Self.limit)
            for _ in 0..<3 {
                let error = #expect(throws: ServingError.self) {
                    try Self.run("fill", Self.shape(sides.0, sides.1), control)
                }
                #expect(error?.code == .runMemoryExceeded)
                #expect(error?.message.contains("\(Self.limit.rawValue) bytes (engine.run_memory_bytes)") == true)
                #expect(try Self.run("fill", Self.shape(4000, 4000), control) == [4000, 4000])
            }
        }

        @Test func `Tensors between operators count as long as they are needed`() throws {
            let control = try ONNXEngine().makeRunControl(memory: Self.limit)
            let ids = { Self.integers([Int64](repeating: 3, count: $0), shape: [1, $0], name: "ids") }
            #expect(try Self.run("attention", [ids(100)], control) == [1, 100, 8])
            #expect(failureCode { _ = try Self.run("attention", [ids(160_000)], control) } == .runMemoryExceeded)
            #expect(try Self.run("attention", [ids(2000)], control) == [1, 2000, 8])
        }

        @Test func `A limit holds for each run, not for all that came before`() throws {
            let control = try ONNXEngine().makeRunControl(memory: Self.limit)
            let (engine, block) = (try ONNXEngine(), try ONNXEngineTests.load("fill"))
            var kept: [any EngineTensor] = []
            for _ in 0..<4 {
                control.begin()
                defer { control.end() }
                let given = try engine.makeTensor(Self.shape(3000, 4000)[0])
                kept += try block.run([given], overwriting: [], control: control)
            }
            #expect(kept.count == 4)
        }

        @Test func `Memory that the machine does not have fails the run without a limit, too`() throws {
            #expect(failureCode { _ = try Self.run("fill", Self.shape(1 << 24, 1 << 24), nil) } == .memoryUnavailable)
            #expect(failureCode { _ = try Self.run("fill", Self.shape(1 << 31, 1 << 31), nil) } != nil)
            #expect(try Self.run("fill", Self.shape(3, 5), nil) == [3, 5])
        }

        @Test func `A loop without end is ended from another thread, and its control runs the next one`() throws {
            let control = try ONNXEngine().makeRunControl(memory: Self.limit)
            let inputs = { (count: Int64) in
                [Self.integers([count], shape: [], name: "count"), ONNXEngineTests.floats([0], shape: [1])]
            }
            let switcher = Thread { control.terminate() }
            switcher.start()
            let error = #expect(throws: ServingError.self) { try Self.run("loop", inputs(1 << 62), control) }
            #expect(error == .runEnded)
            #expect(failureCode { _ = try Self.run("loop", inputs(3), control) } == .deadlinePassed)
            control.rearm()
            #expect(try Self.run("loop", inputs(3), control) == [1])
        }
    }
}
