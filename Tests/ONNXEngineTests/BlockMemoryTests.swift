import Foundation
import ModelServing
import ONNXEngine
import ServingCore
import Testing

extension ONNXEngineTests {
    struct MemoryTests {
        @Test func `A block's size is what it allocates, where that is more than its file`() throws {
            let size = try ONNXEngineTests.load("unfolding").residentSize
            #expect((4 << 20)..<(9 << 20) ~= size.rawValue, "4 MiB of weights, perhaps packed a second time")
        }

        @Test func `A block takes its file's bytes at least, and what a session keeps of its own`() throws {
            let file = ONNXEngineTests.model("convolution")
            let bytes = try #require(try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int)
            let size = try ONNXEngineTests.load("convolution").residentSize.rawValue
            #expect((bytes..<bytes + 1 << 20) ~= size)
        }

        @Test func `A block's memory comes back with its last reference`() throws {
            let before = ONNXEngine.allocatedBytes
            var block: (any LoadedBlock)? = try ONNXEngineTests.load("unfolding")
            #expect(ONNXEngine.allocatedBytes >= before + ByteCount(4 << 20))
            #expect(block != nil)
            block = nil
            // Of the whole process: other tests may be at work beside this one.
            #expect(ONNXEngine.allocatedBytes < before + ByteCount(2 << 20))
        }

        @Test func `The process does not grow over many loads and evictions`() throws {
            for _ in 0..<20 { try useOnce() }
            let before = try residentBytes()
            for _ in 0..<200 { try useOnce() }
            let growth = try residentBytes() - before
            // A block that stayed would be 840 MB; the bound leaves room for other tests at work beside this one.
            #expect(growth < 64 << 20, "grew by \(growth) bytes")
        }

        private func useOnce() throws {
            let x = ONNXEngineTests.floats([Float](repeating: 2, count: 1024), shape: [1, 1024])
            let outputs = try ONNXEngineTests.run(ONNXEngineTests.load("unfolding"), [x])
            #expect(try ONNXEngineTests.floats(outputs[0].bytes()).first == 1024)
        }

        private func residentBytes() throws -> Int {
            let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
            return try #require(Int(pages[1])) * Int(sysconf(Int32(_SC_PAGESIZE)))
        }
    }
}
