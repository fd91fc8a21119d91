import ArgumentParser
import Foundation
import ServingCore
import Simulation

/// `gateway simulate`: what this gateway would do, on virtual time.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run experiments of the simulator; write their tables, plots and one page with all of them."
    )

    // Taken by every command; a simulation depends on its experiments and seeds alone.
    @OptionGroup var common: CommonOptions

    @Argument(help: "The experiments; all where none is named.")
    var experiments: [String] = []

    @Option(help: "The folder to write to.", completion: .directory)
    var out: String?

    @Option(help: "How many seeds each point is drawn for.")
    var seeds = 30

    @Option(help: "A file that says what loads and batches take.", completion: .file(extensions: ["json"]))
    var calibration: String?

    @Option(help: "How many draws run at a time. Default: as many as there are processors.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "List the experiments.")
    var list = false

    func validate() throws {
        guard list || out != nil else { throw ValidationError("--out is missing: the folder to write to") }
        guard (1...100_000).contains(seeds) else {
            throw ValidationError("--seeds: expected 1 to 100000, found \(seeds)")
        }
        guard (1...1024).contains(threads) else {
            throw ValidationError("--threads: expected 1 to 1024, found \(threads)")
        }
    }

    func run() async throws {
        if list { return printList() }
        guard let out else { return }
        let chosen = try chosen()
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
        report(tables, out)
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
        guard let calibration else { return .stated }
        guard let data = FileManager.default.contents(atPath: calibration) else {
            throw ServingError(.invalidField, "it cannot be read", field: calibration)
        }
        return try CostModel(parsing: data)
    }

    private func printList() {
        for experiment in ExperimentCatalog.all {
            print("\(experiment.name): \(experiment.title). \(experiment.reading)")
        }
    }

    private func report(_ tables: [ExperimentTable], _ out: String) {
        let checks = tables.map(ExpectationCheck.init)
        let breaches = checks.flatMap(\.breaches)
        for breach in breaches { print(breach) }
        let comparisons = checks.reduce(0) { $0 + $1.comparisons }
        print(
            "\(tables.count) experiments, \(seeds) seeds a point: \(out)/index.html; "
                + "\(comparisons - breaches.count) of \(comparisons) expectations hold"
        )
    }

    /// One line that is written over after each draw, on a terminal only.
    private static let showProgress: @Sendable (ExperimentRunner.Progress) -> Void = { progress in
        guard isatty(STDERR_FILENO) != 0 else { return }
        let line = "\r\u{1B}[K\(progress.done) of \(progress.total) draws, \(progress.experiment)"
        FileHandle.standardError.write(Data(line.utf8))
    }

    private static func clearProgress() {
        if isatty(STDERR_FILENO) != 0 { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }
}
