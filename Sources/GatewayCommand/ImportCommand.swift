import ArgumentParser
import Foundation
import Gateway
import ModelCatalog
import ServingCore

/// `gateway import`: a model into the store, cut into blocks.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Cut an ONNX model into parameter blocks and put those that are new into the store.",
        discussion: """
            The model is loaded and run in a process of its own. One that ends this process, takes too long or too much memory is \
            refused (exit status 2).
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "The ONNX file.", completion: .file(extensions: ["onnx"]))
    var file: String

    @Option(help: "The model's name: 1-64 of letters, digits, dot, underscore, dash.")
    var name: String

    @Option(parsing: .unconditional, help: "The model's version, a number from 1 on. Default: the next one.")
    var version: String?

    @Flag(help: "Do not run the model: do not compare what the blocks give with what the whole model gives.")
    var noVerify = false

    @Option(help: "How many seconds loading and running the model for the import may take.")
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

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard timeLimit > 0, timeLimit <= 1e6 else { throw ValidationError("--time-limit goes from 0 to 1000000 s") }
        guard (memoryLimit ?? 1) > 0 else { throw ValidationError("--memory-limit is a number of bytes") }
        guard ModelID.isValidName(name) else {
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
        let report = try store.importModel(
            from: file,
            name: name,
            version: number(),
            types: probe,
            trials: probe,
            cuts: cut.map(BlockStore.cuts(in:))
        )
        try CommandOutput.print(json ? try report.json() : report.description)
        if isNew {
            CommandOutput.note("gateway: there was no store \(configuration.store): it is new")
        }
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
