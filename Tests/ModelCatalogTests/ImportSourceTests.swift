import Foundation
import Testing

@testable import ModelCatalog

/// What paths given to an import stand for.
struct ImportSourceTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func write(_ path: String) throws {
        let file = URL(fileURLWithPath: folder.path).appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data().write(to: file)
    }

    private func found(_ path: String = "") throws -> [String] {
        let whole = path.isEmpty ? folder.path : "\(folder.path)/\(path)"
        return try ImportSource.all(at: whole).map { "\($0.name):\($0.version.map(String.init) ?? "-")" }
    }

    @Test func `A file is named by itself`() throws {
        try write("resnet-50.v2.onnx")
        #expect(try found("resnet-50.v2.onnx") == ["resnet-50.v2:-"])
        try write("model.onnx")
        #expect(try found("model.onnx") == ["model:-"])
    }

    @Test func `A folder gives its files, in the order of their names`() throws {
        for name in ["b.onnx", "a.onnx", "notes.txt", ".hidden.onnx", "c.onnx.data"] { try write(name) }
        #expect(try found() == ["a:-", "b:-"])
    }

    @Test func `A model repository gives names and versions`() throws {
        for path in [
            "cat/10/model.onnx", "cat/2/model.onnx", "cat/config.pbtxt", "dog/1/model.onnx", "dog/02/model.onnx",
        ] {
            try write(path)
        }
        try write("bird/1/model.plan")
        #expect(try found() == ["cat:2", "cat:10", "dog:1"])
        #expect(try found("cat/10/model.onnx") == ["cat:10"])
    }

    @Test func `A path that is not there, or holds nothing of the kind, is an error that names it`() throws {
        #expect(throws: CatalogError.self) { try found("nothing") }
        try write("empty/notes.txt")
        #expect(
            throws: CatalogError(
                .unreadableFile,
                "\(folder.path)/empty holds neither NAME.onnx nor NAME/VERSION/model.onnx"
            )
        ) {
            try ImportSource.all(at: "\(folder.path)/empty")
        }
    }
}
