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

    /// Two new blocks and a manifest of five steps each, the model's folder, and the leftovers; weights of both blocks.
    @Test(arguments: [(BlockStore.blockByteLimit, 17), (8, 27)])
    func `After a kill at any step the store opens, and a second import finishes`(limit: Int, steps: Int) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/store"
        let (old, new) = (
            try folder.write(.chain([1, 2]), as: "old.onnx"), try folder.write(.chain([1, 3, 4]), as: "new.onnx")
        )
        let add = { (store: BlockStore, file: String, name: String) in
            try store.importModel(from: file, name: name, types: TypeTable(), blockByteLimit: limit)
        }
        _ = try add(BlockStore(directory: path), old, "old")
        let snapshots = Snapshots()
        let store = try BlockStore(directory: path) { step in snapshots.take(of: path, after: step) }
        let expected = try add(store, new, "new")
        let finished = try folder.files(below: path)
        #expect(snapshots.all.count == steps)
        for (step, path) in snapshots.all {
            let killed = try BlockStore(directory: path)
            let found = try killed.models()
            #expect(found.contains { $0.model.id.name == "old" }, "after \(step)")
            for block in found.flatMap(\.model.blocks) { try killed.verify(block: block.id) }
            let again = try add(killed, new, "new")
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
