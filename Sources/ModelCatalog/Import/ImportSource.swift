private import FoundationEssentials
internal import ServingCore

/// One file to import, and as what.
public struct ImportSource: Hashable, Sendable {
    /// The ONNX file.
    public let file: String
    /// The model's name.
    public let name: String
    /// Its version; nil takes the next one.
    public let version: Int?

    /// Names a file.
    init(file: String, name: String, version: Int?) {
        (self.file, self.name, self.version) = (file, name, version)
    }

    /// What `path` stands for, in the order of names: a file named by itself, or in a folder each `NAME.onnx` and each
    /// `NAME/VERSION/model.onnx`, as Triton lays out a model repository.
    ///
    /// - Throws: ``CatalogError`` where nothing is there, or nothing of the kind.
    public static func all(at path: String) throws(CatalogError) -> [ImportSource] {
        guard FileManager.default.fileExists(atPath: path) else {
            throw CatalogError(.unreadableFile, "\(path): there is no such file")
        }
        guard isFolder(path) else { return [single(path)] }
        let found = names(in: path).flatMap { entry -> [ImportSource] in
            let whole = "\(path)/\(entry)"
            if isFolder(whole) { return versions(of: entry, in: whole) }
            return entry.hasSuffix(".onnx") ? [single(whole)] : []
        }
        guard !found.isEmpty else {
            throw CatalogError(.unreadableFile, "\(path) holds neither NAME.onnx nor NAME/VERSION/model.onnx")
        }
        return found
    }

    private static func single(_ file: String) -> ImportSource {
        let parts = file.split(separator: "/")
        let stem = parts.last.map { $0.hasSuffix(".onnx") ? $0.dropLast(5) : $0 } ?? ""
        guard stem == "model", parts.count >= 3, let number = version(parts[parts.count - 2]) else {
            return ImportSource(file: file, name: String(stem), version: nil)
        }
        return ImportSource(file: file, name: String(parts[parts.count - 3]), version: number)
    }

    private static func versions(of model: String, in folder: String) -> [ImportSource] {
        names(in: folder)
            .compactMap { entry in version(entry).map { (number: $0, file: "\(folder)/\(entry)/model.onnx") } }
            .filter { FileManager.default.fileExists(atPath: $0.file) }
            .sorted { $0.number < $1.number }
            .map { ImportSource(file: $0.file, name: model, version: $0.number) }
    }

    /// A version as a folder's name; "01" and "+1" are none, though numbers may be written so.
    private static func version(_ text: some StringProtocol) -> Int? {
        guard let number = Int(text), number >= 1, "\(number)" == text else { return nil }
        return number
    }

    private static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
    }
}
