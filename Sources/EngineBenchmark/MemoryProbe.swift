import Foundation
import Glibc
import ModelServing
import ONNXEngine
import ServingCore

/// What models take in memory, measured in a process of its own, since memory once touched does not always go back.
struct MemoryProbe: Codable {
    /// How the models are loaded.
    enum Kind: String, CaseIterable {
        /// By the gateway's engine, each block once.
        case blocks
        /// As whole sessions of ONNX Runtime with default options.
        case whole
    }

    /// How much the process grew.
    var growth: Double
    /// What the account says the blocks take; 0 for whole sessions.
    var claimed: Double

    /// Loads all models of the store in `folder` and says what that took.
    static func measure(_ kind: Kind, folder: String) throws -> MemoryProbe {
        let store = try BenchmarkStore(folder)
        guard let first = store.models.first else { return MemoryProbe(growth: 0, claimed: 0) }
        // Once in and out: the library's own pages and tables are not the models'.
        try store.load(first)
        try store.clear()
        _ = try store.engine.loadWithDefaults(block: BlockID("first"), from: store.file(of: first))
        ONNXEngine.trimHeap()
        let before = residentBytes
        var sessions: [any LoadedBlock] = []
        for model in store.models {
            switch kind {
            case .blocks: try store.load(model)
            case .whole:
                let id = BlockID(model.id.name)
                sessions.append(try store.engine.loadWithDefaults(block: id, from: store.file(of: model)))
            }
        }
        ONNXEngine.trimHeap()
        let probe = MemoryProbe(
            growth: Double(residentBytes - before),
            claimed: Double(store.blocks.ledger.used.rawValue)
        )
        withExtendedLifetime(sessions) {}
        return probe
    }

    /// Has a process of its own measure.
    static func ask(_ kind: Kind, folder: String) throws -> MemoryProbe {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--probe", kind.rawValue, "--folder", folder]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode(MemoryProbe.self, from: data)
    }

    private static var residentBytes: Int {
        let statm = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = statm.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
