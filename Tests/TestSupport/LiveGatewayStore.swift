public import Foundation

/// A store with every demo model, imported once by `gateway import`; each gateway works on a copy of its own.
public actor LiveGatewayStore {
    /// The one of this test run.
    public static let shared = LiveGatewayStore()

    /// An import that failed.
    public struct ImportFailed: Error, CustomStringConvertible {
        /// The model's file and what `gateway import` printed.
        public let description: String
    }

    private var importing: Task<URL, any Error>?

    /// A fresh copy of the store.
    ///
    /// - Throws: ``ImportFailed`` where a demo model cannot be imported.
    public func copy() async throws -> URL {
        let imported = importing ?? Task { try await Self.importDemo() }
        importing = imported
        let copy = try LiveGatewayFolders.make().appending(path: "store")
        try FileManager.default.copyItem(at: try await imported.value, to: copy)
        return copy
    }

    private static func importDemo() async throws -> URL {
        let store = try LiveGatewayFolders.make().appending(path: "store")
        let files = try FileManager.default.contentsOfDirectory(
            at: LiveGatewayPaths.demo.appending(path: "models"),
            includingPropertiesForKeys: nil
        )
        let models = files.filter { $0.pathExtension == "onnx" }.sorted { $0.path < $1.path }
        guard !models.isEmpty else { throw ImportFailed(description: "no models in \(LiveGatewayPaths.demo.path)") }
        for model in models { try await importModel(model, into: store) }
        return store
    }

    private static func importModel(_ file: URL, into store: URL) async throws {
        let name = file.deletingPathExtension().lastPathComponent
        let result = try await LiveGatewayProcess.run(
            LiveGatewayPaths.gateway,
            ["import", file.path, "--name", name, "--store", store.path]
        )
        guard result.status == 0 else {
            throw ImportFailed(description: "\(name): status \(result.status): \(result.errorOutput)")
        }
    }
}
