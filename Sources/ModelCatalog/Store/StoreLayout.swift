import ServingCore

/// Where things lie in a store: `blocks/<hash>.onnx`, `models/<name>/<version>.json`, `compiled/`, `leases/`, `tmp/`,
/// `.lock`, `.lease-lock`.
struct StoreLayout: Hashable, Sendable {
    /// The store's folder.
    let root: String

    /// The blocks, each a file named by the hash of its content.
    var blocks: String { "\(root)/blocks" }
    /// The models, a folder for each name, in it a manifest for each version.
    var models: String { "\(root)/models" }
    /// Compiled copies, a folder for each kind of engine and processor.
    var compiled: String { "\(root)/compiled" }
    /// Files that are being written.
    var temporary: String { "\(root)/tmp" }
    /// The file whose lock whoever writes holds.
    var lock: String { "\(root)/.lock" }

    /// What running processes use, a file for each.
    var leases: String { "\(root)/leases" }
    /// The file whose lock is held while what is used is read or written; never for long, unlike ``lock``.
    var leaseLock: String { "\(root)/.lease-lock" }

    /// The folders in which files are written and removed.
    var folders: [String] { [blocks, models, compiled, temporary, leases] }

    /// The file of a block.
    func file(of block: BlockID) -> String { "\(blocks)/\(block.hash).onnx" }

    /// The folder of a model's versions.
    func folder(ofName name: String) -> String { "\(models)/\(name)" }

    /// The manifest of a version of a model.
    func manifest(of id: ModelID) -> String { "\(folder(ofName: id.name))/\(id.version).json" }

    /// The version a manifest's file name stands for; nil for every other file.
    static func version(ofManifestNamed fileName: String) -> Int? {
        guard fileName.hasSuffix(".json"), let version = Int(fileName.dropLast(5)), version >= 1 else { return nil }
        return "\(version).json" == fileName ? version : nil
    }

    /// Whether `hash` is SHA-256 in lower-case hexadecimal, and so safe as a file name.
    static func isHash(_ hash: String) -> Bool {
        hash.utf8.count == 64
            && hash.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}
