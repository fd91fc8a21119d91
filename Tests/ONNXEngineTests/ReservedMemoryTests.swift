import ModelServing
import ServingCore
import Testing

@testable import ONNXEngine

extension ONNXEngineTests {
    /// One after the other, as what is kept belongs to the whole process.
    @Suite(.serialized) struct ReservedMemoryTests {
        private let page = ByteCount(2 << 20)

        @Test func `Memory is taken in whole huge pages, up to what is asked for and to the limit`() throws {
            defer { ONNXEngine.reserve(.zero, keeping: .zero) }
            ONNXEngine.reserve(ByteCount(9 << 20), keeping: ByteCount(16 << 20))
            #expect(ONNXEngine.reservedBytes <= ByteCount(8 << 20))
            #expect(ONNXEngine.reservedBytes > .zero)
            ONNXEngine.reserve(ByteCount(64 << 20), keeping: page + page)
            #expect(ONNXEngine.reservedBytes <= page + page)
        }

        @Test func `Nothing is kept without a limit`() throws {
            ONNXEngine.reserve(ByteCount(8 << 20), keeping: ByteCount(16 << 20))
            ONNXEngine.reserve(ByteCount(64 << 20), keeping: .zero)
            #expect(ONNXEngine.reservedBytes == .zero)
        }

        @Test func `What one block gives back holds the next one, and its results are right`() throws {
            defer { ONNXEngine.reserve(.zero, keeping: .zero) }
            ONNXEngine.reserve(.zero, keeping: ByteCount(32 << 20))
            for _ in 0..<3 {
                // 4 MiB of weights, copied: memory that the next one finds full of the last one's.
                let copy = try MappedCopyTests.Copy()
                #expect(try MappedCopyTests.run(copy.copied(packing: false)) == 1024)
            }
            #expect(ONNXEngine.reservedBytes > .zero)
        }
    }
}
