import ArgumentParser
import Dispatching
import Foundation
import Gateway
import JSONCoding
import ServingCore
import Simulation
import TraceReplay

/// `gateway simulate`: what this gateway would do, on virtual time.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run experiments of the simulator; write their tables, plots and one page with all of them."
    )

    // Experiments depend on their seeds alone; a trace is run as the configuration says.
    @OptionGroup var common: CommonOptions

    @Argument(help: "The experiments; all where none is named.")
    var experiments: [String] = []

    @Option(help: "The folder to write to.", completion: .directory)
    var out: String?

    @Option(parsing: .unconditional, help: "How many seeds each point is drawn for.")
    var seeds = 30

    @Option(
        help: "What loads and batches take, as `gateway calibrate --out` writes it.",
        completion: .file(extensions: ["json"])
    )
    var calibration: String?

    @Option(
        help: "Run this trace instead of experiments; the models are those of the calibration.",
        completion: .file(extensions: ["jsonl"])
    )
    var trace: String?

    @Option(
        parsing: .unconditional,
        help: "With a trace or --scale: the hard cap on parameter blocks in accelerator memory."
    )
    var memoryBytes: String?

    @Option(parsing: .unconditional, help: "With a trace: the capacity of the uplink as a rate.")
    var uplinkBitsPerSecond: String?

    @Option(parsing: .unconditional, help: "With a trace: the capacity of the uplink as a bandwidth.")
    var uplinkHz: String?

    @Option(help: "With a trace: the scheduling policy: partial, whole, lru or edf.")
    var policy: String?

    @Option(
        help: """
            With a trace: how many microseconds of the processors each request takes beside its batch, its client's part too \
            where it runs on the same machine; loads and batches wait for as long.
            """
    )
    var requestMicroseconds = 0.0

    @Option(
        parsing: .unconditional,
        help: "With a trace: what lots are drawn from for how long loads and batches take."
    )
    var seed: UInt64 = 0

    @Flag(help: "With a trace: print JSON.")
    var json = false

    @Option(parsing: .unconditional, help: "How many draws run at a time. Default: as many as there are processors.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(
        parsing: .unconditional,
        help: "Run so many requests over 300 models in rolling horizon instead, and print how long it took."
    )
    var scale: Int?

    @Flag(help: "List the experiments.")
    var list = false

    func validate() throws {
        guard list || out != nil || trace != nil || scale != nil else {
            throw ValidationError("--out is missing: the folder to write to")
        }
        guard trace == nil || calibration != nil else {
            throw ValidationError("--trace needs --calibration: what the models take")
        }
        guard trace == nil || (experiments.isEmpty && out == nil) else {
            throw ValidationError("--trace takes neither experiments nor --out")
        }
        guard (1...100_000).contains(seeds) else {
            throw ValidationError("--seeds: expected 1 to 100000, found \(seeds)")
        }
        guard (1...100_000_000).contains(scale ?? 1) else {
            throw ValidationError("--scale: expected 1 to 100000000, found \(scale ?? 0)")
        }
        guard (0...1e6).contains(requestMicroseconds) else {
            throw ValidationError("--request-microseconds: expected 0 to 1000000, found \(requestMicroseconds)")
        }
        guard (1...1024).contains(threads) else {
            throw ValidationError("--threads: expected 1 to 1024, found \(threads)")
        }
    }

    func run() async throws {
        if list { return try printList() }
        if let trace { return try simulate(trace) }
        if let scale { return try simulateScale(scale) }
        guard let out else { return }
        let chosen = try chosen()
        try Self.prepare(out)
        let setting = ExperimentSetting(seeds: seeds, costs: try costs())
        let gnuplot = try Gnuplot(path: ProcessInfo.processInfo.environment["PATH"])
        let runner = ExperimentRunner(setting: setting, threads: threads)
        let tables = try await runner.run(chosen, progress: Self.showProgress)
        Self.clearProgress()
        do {
            try ReportFolder(folder: URL(filePath: out), gnuplot: gnuplot).write(tables, setting: setting)
        } catch let error as CocoaError {
            throw ServingError(.internalError, "it cannot be written: \(error.localizedDescription)", field: out)
        }
        try report(tables, out)
    }

    /// Makes the folder before anything is run: the results are not to be lost for want of a place to write them.
    private static func prepare(_ folder: String) throws {
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard access(folder, W_OK | X_OK) == 0 else {
            let reason = String(cString: strerror(errno))
            throw ServingError(.internalError, "it cannot be written: \(reason)", field: folder)
        }
    }

    private func chosen() throws -> [any Experiment] {
        if experiments.isEmpty { return ExperimentCatalog.all }
        return try experiments.map { name in
            guard let found = ExperimentCatalog.experiment(named: name) else {
                let names = ExperimentCatalog.all.map(\.name).joined(separator: ", ")
                throw ServingError(.invalidField, "there is no such experiment, only \(names)", field: name)
            }
            return found
        }
    }

    private func costs() throws -> CostModel {
        try calibration.map { try Self.read($0) { try CalibrationFile(parsing: $0).costs } } ?? .stated
    }

    private static func read<Value>(_ path: String, _ parse: (UnsafeRawBufferPointer) throws -> Value) throws -> Value {
        let file = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
        guard let data = try file?.readToEnd() else {
            throw ServingError(.invalidField, "it cannot be read, or is empty", field: path)
        }
        return try data.withUnsafeBytes(parse)
    }

    /// Runs a trace as a gateway with this configuration would.
    private func simulate(_ trace: String) throws {
        let configuration = try common.configuration(flags: [
            ("--memory-bytes", "memory.bytes", memoryBytes),
            ("--uplink-bits-per-second", "uplink.bits_per_second", uplinkBitsPerSecond),
            ("--uplink-hz", "uplink.hz", uplinkHz), ("--policy", "scheduling.policy", policy),
        ])
        try configuration.validate()
        let measured = try Self.read(calibration ?? "") { try CalibrationFile(parsing: $0) }
        let requests = try TraceArrivals(try Self.read(trace) { try Trace(parsing: $0) }, models: measured)
        let isShared = configuration.dispatcherConfiguration.policy.sharesBlocks
        var settings = RollingSettings.trace(
            configuration.dispatcherConfiguration,
            of: requests,
            on: measured,
            lanes: configuration.engine.lanes,
            buffers: .ofHeldUpload(
                kernel: configuration.receiveBuffer,
                connection: configuration.readBuffer,
                tick: configuration.pacingTick
            ),
            requestSeconds: requestMicroseconds * 1e-6
        )
        settings.seed = seed
        let server = isShared ? measured.server : measured.server.whole
        var simulation = RollingSimulation(server, settings, arrivals: requests.arrivals)
        let outcome = simulation.run()
        let text = json ? String(decoding: outcome.json().withUnsafeBytes { Data($0) }, as: UTF8.self) : "\(outcome)"
        try CommandOutput.print(text)
    }

    private func printList() throws {
        for experiment in ExperimentCatalog.all {
            try CommandOutput.print("\(experiment.name): \(experiment.title). \(experiment.reading)")
        }
    }

    private func report(_ tables: [ExperimentTable], _ out: String) throws {
        let checks = tables.map(ExpectationCheck.init)
        let breaches = checks.flatMap(\.breaches)
        for breach in breaches { try CommandOutput.print("\(breach)") }
        let comparisons = checks.reduce(0) { $0 + $1.comparisons }
        try CommandOutput.print(
            "\(tables.count) experiments, \(seeds) seeds a point: \(out)/index.html; "
                + "\(comparisons - breaches.count) of \(comparisons) expectations hold"
        )
    }

    /// One line that is written over after each draw, on a terminal only.
    private static let showProgress: @Sendable (ExperimentRunner.Progress) -> Void = { progress in
        guard isatty(STDERR_FILENO) != 0 else { return }
        let line = "\r\u{1B}[K\(progress.done) of \(progress.total) draws, \(progress.experiment)"
        CommandOutput.show(line)
    }

    private static func clearProgress() {
        if isatty(STDERR_FILENO) != 0 { CommandOutput.show("\r\u{1B}[K") }
    }
}
