public import Foundation

/// Where the tests find what they run.
public enum LiveGatewayPaths {
    /// The repository's root.
    public static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The `gateway` of this build, which lies beside the test program.
    public static var gateway: URL {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "gateway")
    }

    /// The Python that `make setup-test` prepared.
    public static var python: URL { root.appending(path: ".deps/venv/bin/python") }

    /// The demo catalog: models, requests, held-out images.
    public static var demo: URL { root.appending(path: "demo") }

    /// The acceptance scripts.
    public static var acceptance: URL { root.appending(path: "Tests/IntegrationTests/Acceptance") }
}
