public import Foundation

/// Temporary folders of this test run, removed when it exits.
public enum LiveGatewayFolders {
    private static let root: URL = {
        atexit { try? FileManager.default.removeItem(at: LiveGatewayFolders.root) }
        return FileManager.default.temporaryDirectory.appending(path: "gateway-tests-\(getpid())")
    }()

    /// A new empty folder.
    public static func make() throws -> URL {
        let folder = root.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}
