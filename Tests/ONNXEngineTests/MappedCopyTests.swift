import Foundation
import ModelServing
import ServingCore
import Testing

@testable import ONNXEngine

extension ONNXEngineTests {
    /// Compiled copies whose weights are used where they lie in the file.
    struct MappedCopyTests {
        /// A folder of the test's own with a copy of a model with 4 MiB of weights.
        final class Copy {
            let folder = FileManager.default.temporaryDirectory.appending(path: "mapped-\(UUID().uuidString)").path
            let id = BlockID("unfolding")
            let engine: ONNXEngine
            var file: String { "\(folder)/copy" }
            var owner: UInt64 { CompiledTrailer.owner(id, key: engine.compilationKey) }

            init() throws {
                engine = try ONNXEngine()
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try engine.compile(block: id, from: .file(ONNXEngineTests.model("unfolding")), to: file)
            }

            deinit {
                try? FileManager.default.removeItem(atPath: folder)
            }

            func load() throws -> any LoadedBlock { try engine.load(block: id, compiled: file, packing: false) }

            func content(_ known: KnownCopies = KnownCopies()) throws -> CompiledFile.Content {
                try CompiledFile(file, owner: owner).mapped(packing: false, known: known)
            }

            /// A block whose weights are in memory of its own.
            func copied(packing: Bool) throws -> any LoadedBlock {
                let runtime = engine.runtime
                let content = try CompiledFile(file, owner: owner).copied(packing: packing)
                let (session, size) = try ORTSession.load(
                    content,
                    of: file,
                    block: id,
                    packing: packing,
                    runtime: runtime
                )
                return try ORTBlock(session, block: id, residentSize: size.total, runtime: runtime)
            }

            /// Changes one bit in the middle of the weights.
            func flip() throws {
                let handle = try FileHandle(forUpdating: URL(filePath: file))
                try handle.seek(toOffset: 1 << 20)
                let byte = try #require(try handle.read(upToCount: 1)?.first)
                try handle.seek(toOffset: 1 << 20)
                try handle.write(contentsOf: [byte ^ 4])
                try handle.synchronize()
            }

            /// Says that the file, as it is now, was hashed.
            func believe(_ known: KnownCopies) throws {
                let weights = try content().weights
                try flip()
                known.note(KnownCopies.Copy(identity: try identity(), weights: weights), of: owner)
            }

            private func identity() throws -> FileIdentity {
                let handle = try FileHandle(forReadingFrom: URL(filePath: file))
                return try #require(FileIdentity(of: handle.fileDescriptor))
            }

            /// Has the system forget what it keeps of the file.
            func dropCache() throws {
                let handle = try FileHandle(forReadingFrom: URL(filePath: file))
                #expect(posix_fadvise(handle.fileDescriptor, 0, 0, POSIX_FADV_DONTNEED) == 0)
            }
        }

        static func run(_ block: any LoadedBlock) throws -> Float? {
            let x = ONNXEngineTests.floats([Float](repeating: 2, count: 1024), shape: [1, 1024])
            return try ONNXEngineTests.floats(ONNXEngineTests.run(block, [x])[0].bytes()).first
        }

        @Test func `Weights are mapped and locked where the process may lock them`() throws {
            let copy = try Copy()
            try #require(copy.engine.runtime.weights.canMap(8 << 20), "the tests run where 8 MiB can be locked")
            let before = try lockedBytes()
            let block = try copy.load()
            #expect(try lockedBytes() >= before + 4 << 20)
            #expect(try Self.run(block) == 1024)
            #expect((4 << 20)..<(6 << 20) ~= block.residentSize.rawValue)
        }

        @Test func `A copy gives the same answers mapped, copied, packed and unpacked`() throws {
            let copy = try Copy()
            #expect(try Self.run(copy.load()) == 1024)
            #expect(try Self.run(copy.engine.load(block: copy.id, compiled: copy.file, packing: true)) == 1024)
            for packing in [true, false] {
                #expect(try Self.run(copy.copied(packing: packing)) == 1024)
            }
        }

        @Test func `What is told of copied weights holds for the last load, not for ever`() throws {
            let copy = try Copy()
            let access = WeightAccess(maps: true)
            access.noteFault(EAGAIN)
            #expect(access.problem?.contains("could not be mapped") == true)
            _ = try access.content(of: CompiledFile(copy.file, owner: copy.owner), packing: false)
            #expect(access.problem == nil)
            #expect(WeightAccess(maps: false).problem == "engine.weights is copy")
        }

        @Test func `A bit that flips after the copy was hashed is found at the next load`() throws {
            let copy = try Copy()
            let known = KnownCopies()
            _ = try copy.content(known)
            try copy.flip()
            #expect(throws: CompiledCopyFault.self) { try copy.content(known) }
        }

        @Test func `A bit that flips without a trace is found once the copy has to come from the disk`() throws {
            let copy = try Copy()
            let known = KnownCopies()
            try copy.believe(known)
            try copy.dropCache()
            #expect(throws: CompiledCopyFault.self) { try copy.content(known) }
        }

        @Test func `A copy that was changed a moment ago is hashed each time`() throws {
            let copy = try Copy()
            let known = KnownCopies()
            try copy.flip()
            try copy.flip()
            _ = try copy.content(known)
            let handle = try FileHandle(forReadingFrom: URL(filePath: copy.file))
            let identity = try #require(FileIdentity(of: handle.fileDescriptor))
            #expect(known.copy(of: copy.owner, as: identity) == nil)
        }

        @Test(arguments: [0, 4096, 1 << 20, -1])
        func `A file that becomes shorter under a block fails its runs and nothing else`(length: Int) throws {
            let copy = try Copy()
            let other = try Copy()
            let blocks = try (copy.load(), other.load())
            let whole = try #require(FileManager.default.attributesOfItem(atPath: copy.file)[.size] as? Int)
            truncate(copy.file, length < 0 ? whole + length : length)
            let error = #expect(throws: ServingError.self) { try Self.run(blocks.0) }
            #expect(error?.code == .modelUnavailable)
            #expect(!blocks.0.isSound)
            #expect(try Self.run(blocks.1) == 1024)
            #expect(blocks.1.isSound)
        }

        @Test func `A file that is removed or replaced stays whole for the block that uses it`() throws {
            let copy = try Copy()
            let block = try copy.load()
            try FileManager.default.removeItem(atPath: copy.file)
            try Data(repeating: 7, count: 100).write(to: URL(filePath: copy.file))
            #expect(try Self.run(block) == 1024)
            #expect(block.isSound)
        }

        private func lockedBytes() throws -> Int {
            let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmLck:") })
            return try #require(line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }) << 10
        }
    }
}
