import ArgumentParser
import Foundation
import Gateway
import ModelCatalog
import ServingCore

/// `gateway import`: models into the store, cut into blocks.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Cut ONNX models into parameter blocks and put those that are new into the store.",
        discussion: """
            A model is named by --name, or by its file: NAME.onnx, or NAME/VERSION/model.onnx in a model repository. A folder gives \
            all it holds. Each model is loaded and run in a process of its own. One that ends this process, takes too long or too \
            much memory is refused. Of several, those that can be are imported, and the exit status is 1 where one failed.
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "ONNX files, or folders of them.", completion: .file(extensions: ["onnx"]))
    var files: [String]

    @Option(help: "The model's name: 1-64 of letters, digits, dot, underscore, dash. Default: its file's.")
    var name: String?

    @Option(
        parsing: .unconditional,
        help: "The model's version, a number from 1 on. Default: its folder's, or the next one."
    )
    var version: String?

    @Flag(help: "Do not run the models: do not compare what the blocks give with what the whole model gives.")
    var noVerify = false

    @Option(help: "How many seconds loading and running a model for the import may take.")
    var timeLimit: Double = 300

    @Option(help: "How many bytes of memory that may take. Default: three quarters of what the machine has left.")
    var memoryLimit: Int?

    @Option(
        help: """
            Names of tensors, with commas between them, at which the model is cut besides where it is cut anyway. Default: those in \
            the file's metadata under partial_loading.cut.
            """
    )
    var cut: String?

    @Flag(help: "Print JSON, a line for each model.")
    var json = false

    func validate() throws {
        guard !files.isEmpty else { throw ValidationError("name a file or a folder to import") }
        guard timeLimit > 0, timeLimit <= 1e6 else { throw ValidationError("--time-limit goes from 0 to 1000000 s") }
        guard (memoryLimit ?? 1) > 0 else { throw ValidationError("--memory-limit is a number of bytes") }
        if let name, !ModelID.isValidName(name) {
            throw ValidationError("--name: \(CatalogError.invalidName(name).message)")
        }
        _ = try number()
    }

    func run() throws {
        let configuration = try common.configuration()
        let isNew = !FileManager.default.fileExists(atPath: configuration.store)
        let store = try BlockStore(directory: configuration.store)
        var limits = ProbeLimits.standard
        limits.time = .seconds(timeLimit)
        if let memoryLimit { limits.memory = ByteCount(memoryLimit) }
        let probe = try ModelProbe(configuration: configuration, runs: !noVerify, limits: limits)
        let sources = try sources()
        if let source = sources.first, sources.count == 1, files == [source.file] {
            let report = try add(source, to: store, probe)
            try CommandOutput.print(json ? try report.json() : report.description)
        } else {
            try addAll(sources, to: store, probe)
        }
        if isNew {
            CommandOutput.note("gateway: there was no store \(configuration.store): it is new")
        }
    }

    /// What there is to import; a name or version that is given is for one model.
    private func sources() throws -> [ImportSource] {
        let found = try files.flatMap { path throws(CatalogError) in try ImportSource.all(at: path) }
        guard found.count == 1 || name == nil && version == nil else {
            throw ValidationError("--name and --version are for one model, and there are \(found.count)")
        }
        return found
    }

    private func add(_ source: ImportSource, to store: BlockStore, _ probe: ModelProbe) throws -> ImportReport {
        try store.importModel(
            from: source.file,
            name: name ?? source.name,
            version: try number() ?? source.version,
            types: probe,
            trials: probe,
            cuts: cut.map(BlockStore.cuts(in:))
        )
    }

    /// Imports one after the other, a line for each; then throws where one failed.
    private func addAll(_ sources: [ImportSource], to store: BlockStore, _ probe: ModelProbe) throws {
        var outcomes = ImportOutcomes()
        for source in sources {
            do {
                let report = try add(source, to: store, probe)
                try CommandOutput.print(json ? try report.json() : outcomes.imported(report))
                if json { _ = outcomes.imported(report) }
            } catch let error as CatalogError {
                let line = outcomes.failed(source, error)
                try CommandOutput.print(json ? ImportOutcomes.json(source, error) : line)
            }
        }
        if json { CommandOutput.note("gateway: \(outcomes)") } else { try CommandOutput.print(outcomes.description) }
        guard outcomes.failedCount == 0 else { throw ExitCode.failure }
    }

    /// The version; "01" and "+1" are none, though numbers may be written so.
    private func number() throws -> Int? {
        guard let version else { return nil }
        guard let number = Int(version), number >= 1, "\(number)" == version else {
            throw ValidationError("--version: '\(version)' is not a number from 1 on, without sign or zeros before it")
        }
        return number
    }
}
