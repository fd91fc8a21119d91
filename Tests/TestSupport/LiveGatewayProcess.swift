public import Foundation

/// A program started by a test: its output goes to files, its end is waited for with a limit.
public final class LiveGatewayProcess: Sendable {
    /// How a program ended and what it printed.
    public struct Result: Sendable {
        /// The exit status, or 128 and the signal's number where a signal ended it.
        public let status: Int
        /// Standard output as text.
        public let output: String
        /// Standard error as text.
        public let errorOutput: String
    }

    /// A program that did not do in time what was waited for.
    public struct TimedOut: Error, CustomStringConvertible {
        /// What was waited for, and what the program had printed by then.
        public let description: String
    }

    /// The operating system's number of the process.
    public var processID: Int32 { process.processIdentifier }

    private let process: Process
    private let folder: URL

    /// Starts a program in a temporary folder of its own, where no configuration file lies.
    public init(_ program: URL, _ arguments: [String]) throws {
        folder = try LiveGatewayFolders.make()
        process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GATEWAY_") }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.file(folder.appending(path: "output"))
        process.standardError = try Self.file(folder.appending(path: "error"))
        try Self.withSignalsUnblocked { try process.run() }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: folder)
    }

    /// Runs a program to its end.
    ///
    /// - Throws: ``TimedOut`` after the limit.
    public static func run(
        _ program: URL,
        _ arguments: [String],
        limit: Duration = .seconds(300)
    ) async throws -> Result {
        try await LiveGatewayProcess(program, arguments).ended(limit: limit)
    }

    /// Asks the program to end.
    public func terminate() { process.terminate() }

    /// Waits for the program's end.
    ///
    /// - Throws: ``TimedOut`` after the limit; the program is then killed.
    public func ended(limit: Duration) async throws -> Result {
        do {
            try await until("the end", limit: limit) { !process.isRunning }
        } catch {
            kill(process.processIdentifier, SIGKILL)
            throw error
        }
        let status = Int(process.terminationStatus)
        return Result(
            status: process.terminationReason == .exit ? status : 128 + status,
            output: output,
            errorOutput: errorOutput
        )
    }

    /// Waits for a line on standard output that starts with a prefix, and gives what follows the prefix.
    ///
    /// - Throws: ``TimedOut`` after the limit or when the program ends before.
    public func line(startingWith prefix: String, limit: Duration) async throws -> String {
        var found: Substring?
        try await until("a line '\(prefix)...'", limit: limit) {
            found = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .first { $0.hasPrefix(prefix) }
            return found != nil || !process.isRunning
        }
        guard let found else { throw TimedOut(description: "ended before '\(prefix)...': \(errorOutput)") }
        return String(found.dropFirst(prefix.count))
    }

    private var output: String { text("output") }
    private var errorOutput: String { text("error") }

    private func text(_ name: String) -> String {
        String(decoding: (try? Data(contentsOf: folder.appending(path: name))) ?? Data(), as: UTF8.self)
    }

    private func until(_ what: String, limit: Duration, _ holds: () -> Bool) async throws {
        let deadline = ContinuousClock.now + limit
        while !holds() {
            guard ContinuousClock.now < deadline else {
                throw TimedOut(description: "\(what) did not come in \(limit): \(output.suffix(2000)) \(errorOutput)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// A child inherits the signal mask of the thread that starts it, and the threads tests run on block SIGTERM.
    private static func withSignalsUnblocked(_ start: () throws -> Void) throws {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try start()
    }

    private static func file(_ url: URL) throws -> FileHandle {
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }
}
