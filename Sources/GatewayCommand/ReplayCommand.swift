import ArgumentParser
import Foundation
import JSONCoding
import ServingCore
import TraceReplay

/// `gateway replay`: a trace against a gateway, over real sockets.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Play a trace against a gateway, open loop, and report how its requests ended."
    )

    // Taken by every command; a replay depends on its trace and the gateway alone.
    @OptionGroup var common: CommonOptions

    @Argument(help: "The trace (JSON lines); - reads standard input.", completion: .file(extensions: ["jsonl"]))
    var trace: String

    @Option(help: "Where the gateway listens: http://HOST:PORT or https://HOST:PORT.")
    var url: String

    @Option(help: "A file to write the report to, as JSON.", completion: .file())
    var report: String?

    @Flag(help: "Print the report as JSON.")
    var json = false

    @Option(parsing: .unconditional, help: "How many seconds of the trace pass in one second.")
    var speed = 1.0

    @Option(
        parsing: .unconditional,
        help: "Bodies of at least so many bytes are sent only after a 100 Continue; 0: all, -1: none."
    )
    var expectBytes = 64 << 10

    @Option(parsing: .unconditional, help: "How many milliseconds after its deadline a request is given up.")
    var patienceMs = 10_000

    @Option(help: "A file of certificates to trust (PEM), for https. Default: the system's.", completion: .file())
    var ca: String?

    @Flag(help: "Take any certificate, for https.")
    var insecure = false

    @Option(help: "The bearer token sent with each request.")
    var apiKey: String?

    func validate() throws {
        guard speed.isFinite, speed >= 1e-3, speed <= 1e6 else {
            throw ValidationError("--speed: expected 0.001 to 1000000, found \(speed)")
        }
        guard ca == nil || !insecure else { throw ValidationError("--ca and --insecure contradict each other") }
        guard (0...86_400_000).contains(patienceMs) else {
            throw ValidationError("--patience-ms: expected 0 to 86400000, found \(patienceMs)")
        }
    }

    func run() async throws {
        let replayer = Replayer(address: try ReplayAddress(url), options: options)
        // Before the run: its result is not to be lost for want of a place to write it.
        let file = try report.map { path throws(ServingError) in try OutputFile(path) }
        let interruption = ReplayInterruption()
        let listener = SignalListener([SIGINT, SIGTERM]) { _ in interruption.interrupt() }
        defer { withExtendedLifetime(listener) {} }
        let found = try await replayer.play(
            try read(),
            interruption: interruption,
            readFile: Self.readBody,
            progress: Self.showsProgress
        )
        if isatty(STDERR_FILENO) != 0 { CommandOutput.show("\r\u{1B}[K") }
        let text = found.json().withUnsafeBytes { Array($0) } + [UInt8(ascii: "\n")]
        try file?.write(text)
        try CommandOutput.write(json ? text : Array("\(found)\n".utf8))
        guard interruption.isInterrupted else { return }
        CommandOutput.note("gateway: interrupted; the report covers what was sent until then")
        throw ExitCode.failure
    }

    private var options: ReplayOptions {
        var options = ReplayOptions()
        options.speed = speed
        options.expectContinueBytes = expectBytes < 0 ? nil : expectBytes
        options.patience = Double(patienceMs) / 1000
        options.apiKey = apiKey
        options.trust = insecure ? .any : ca.map { .file($0) } ?? .system
        return options
    }

    private func read() throws -> Trace {
        let file = trace == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: trace)
        guard let data = try file?.readToEnd() ?? nil else {
            throw ServingError(.invalidField, "it cannot be read, or is empty", field: trace)
        }
        return try data.withUnsafeBytes { try Trace(parsing: $0) }
    }

    private static func readBody(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ServingError(.invalidField, "it cannot be read", field: path)
        }
        return Array(data)
    }

    /// One line that is written over each second, on a terminal only.
    private static let showsProgress: @Sendable (ReplayProgress) -> Void = { progress in
        guard isatty(STDERR_FILENO) != 0 else { return }
        let counts = progress.counts
        let line =
            "\r\u{1B}[K\(Int(progress.elapsed)) s: \(counts.sent) of \(progress.total) sent, \(counts.inTime) in time, "
            + "\(counts.late) late, \(counts.rejectedTotal) refused, \(counts.failed) failed"
        CommandOutput.show(line)
    }
}
