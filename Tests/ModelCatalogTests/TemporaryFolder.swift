import FoundationEssentials
import Glibc

/// A folder of a test's own, removed with the value.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("\(FileManager.default.temporaryDirectory.path)/model-catalog-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw POSIXError(.EIO) }
        path = String(cString: made)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a model as `name` and says where.
    func write(_ builder: ModelBuilder, as name: String = "model.onnx") throws -> String {
        let file = "\(path)/\(name)"
        try builder.data().write(to: URL(filePath: file))
        return file
    }

    /// The path of every file below, relative, with its content.
    func files(below folder: String) throws -> [String: Data] {
        var result: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            let file = "\(folder)/\(name)"
            var isFolder = false
            guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), !isFolder else { continue }
            result[name] = FileManager.default.contents(atPath: file)
        }
        return result
    }
}
