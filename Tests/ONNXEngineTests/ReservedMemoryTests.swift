import ModelServing
import ONNXEngine
import ServingCore
import Testing

extension ONNXEngineTests {
    /// One after the other, as what is kept belongs to the whole process.
    @Suite(.serialized) struct ReservedMemoryTests {
        private let page = ByteCount(2 << 20)

        @Test func `Memory is taken in whole huge pages, up to what is asked for and to the limit`() throws {
            let engine = try ONNXEngine()
            defer { engine.reserveMemory(.zero, keeping: .zero) }
            engine.reserveMemory(ByteCount(9 << 20), keeping: ByteCount(16 << 20))
            #expect(ONNXEngine.reservedBytes <= ByteCount(8 << 20))
            #expect(ONNXEngine.reservedBytes > .zero)
            engine.reserveMemory(ByteCount(64 << 20), keeping: page + page)
            #expect(ONNXEngine.reservedBytes <= page + page)
        }

        @Test func `Nothing is kept without a limit`() throws {
            let engine = try ONNXEngine()
            engine.reserveMemory(ByteCount(8 << 20), keeping: ByteCount(16 << 20))
            engine.reserveMemory(ByteCount(64 << 20), keeping: .zero)
            #expect(ONNXEngine.reservedBytes == .zero)
        }

        @Test func `What one block gives back holds the next one, and its results are right`() throws {
            let engine = try ONNXEngine()
            defer { engine.reserveMemory(.zero, keeping: .zero) }
            engine.reserveMemory(.zero, keeping: ByteCount(32 << 20))
            for _ in 0..<3 {
                // 4 MiB of weights, packed: memory that the next one finds full of the last one's.
                let x = ONNXEngineTests.floats([Float](repeating: 2, count: 1024), shape: [1, 1024])
                let outputs = try ONNXEngineTests.run(ONNXEngineTests.load("unfolding"), [x])
                #expect(try ONNXEngineTests.floats(outputs[0].bytes()).allSatisfy { $0 == 1024 })
            }
            #expect(ONNXEngine.reservedBytes > .zero)
        }
    }
}
