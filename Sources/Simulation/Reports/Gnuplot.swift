import Foundation
import ServingCore

/// The program that draws the plots.
public struct Gnuplot: Sendable {
    private let program: URL

    /// Finds it in the folders of `path` (as in PATH).
    ///
    /// Throws `internalError` where it is missing.
    public init(path: String?) throws {
        let folders = (path ?? "").split(separator: ":")
        let places = folders.map { URL(filePath: String($0)).appending(path: "gnuplot") }
        guard let found = places.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
            throw ServingError(
                .internalError,
                "gnuplot is missing: run scripts/setup-paper (Debian package gnuplot-nox)"
            )
        }
        program = found
    }

    /// Runs `script`.
    public func run(_ script: String) throws {
        let process = Process()
        let (input, errors) = (Pipe(), Pipe())
        process.executableURL = program
        process.standardInput = input
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(script.utf8))
        try input.fileHandleForWriting.close()
        let said = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ServingError(.internalError, "gnuplot failed: \(String(decoding: said, as: UTF8.self))")
        }
    }
}
