import FoundationEssentials
import Glibc
import ServingCore
import Synchronization
import Testing

@testable import ModelCatalog

struct BlockStoreKillTests {
    /// Copies of a store as it was after each step, which is what a kill at that step leaves.
    private final class Snapshots: Sendable {
        private let paths = Mutex<[(step: StoreStep, path: String)]>([])

        var all: [(step: StoreStep, path: String)] { paths.withLock { $0 } }

        func take(of store: String, after step: StoreStep) {
            paths.withLock { paths in
                let path = "\(store)-\(paths.count)"
                do {
                    try FileManager.default.copyItem(atPath: store, toPath: path)
                    paths.append((step, path))
                } catch {
                    Issue.record(error, "no copy after \(step)")
                }
            }
        }
    }

    @Test func `After a kill at any step the store opens, and a second import finishes`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/store"
        let (old, new) = (
            try folder.write(.chain([1, 2]), as: "old.onnx"), try folder.write(.chain([1, 3, 4]), as: "new.onnx")
        )
        _ = try BlockStore(directory: path).importModel(from: old, name: "old", types: TypeTable())
        let snapshots = Snapshots()
        let store = try BlockStore(directory: path) { step in snapshots.take(of: path, after: step) }
        let expected = try store.importModel(from: new, name: "new", types: TypeTable())
        let finished = try folder.files(below: path)
        // Two new blocks and a manifest of five steps each, the model's folder, and the leftovers.
        #expect(snapshots.all.count == 17)
        for (step, path) in snapshots.all {
            let killed = try BlockStore(directory: path)
            let found = try killed.models()
            #expect(found.contains { $0.model.id.name == "old" }, "after \(step)")
            for block in found.flatMap(\.model.blocks) { try killed.verify(block: block.id) }
            let again = try killed.importModel(from: new, name: "new", types: TypeTable())
            #expect(again.model == expected.model)
            #expect(try folder.files(below: path) == finished, "after \(step)")
        }
    }

    @Test func `A process killed while it imports leaves its lock and a store that opens`() async throws {
        let folder = try TemporaryFolder()
        let (path, file) = ("\(folder.path)/store", try folder.write(.chain([1, 2])))
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, file = file as String] in
            let store = try BlockStore(directory: path) { step in
                if step == .temporaryWritten { kill(getpid(), SIGKILL) }
            }
            _ = try store.importModel(from: file, name: "digits", types: TypeTable())
        }
        let store = try BlockStore(directory: path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.layout.temporary).count == 1)
        #expect(try store.models().isEmpty)
        _ = try store.importModel(from: file, name: "digits", types: TypeTable())
        #expect(try store.models().count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.layout.temporary).isEmpty)
    }
}
