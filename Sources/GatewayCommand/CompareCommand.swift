import ArgumentParser
import Foundation
import Gateway
import ModelCatalog
import ServingCore

/// `gateway compare`: what models have in common.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare models layer by layer: what they share, what differs only in form, what sharing saves.",
        discussion: """
            A layer is what one parameter block holds. All models are compared with the first. Nothing is stored; a file is cut as \
            `gateway import` would, without its trial. Training that leaves the first layers alone leaves their blocks equal: the \
            last line says up to which layer for the wanted share.
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(
        help: "Two or more: ONNX files, or models of the store as NAME (its newest version) or NAME:VERSION.",
        completion: .file(extensions: ["onnx"])
    )
    var models: [String]

    @Option(help: "The share of the first model's bytes for which layers to freeze are named, from 0 to 1.")
    var share = 0.8

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: "Also write a picture of the layers, as SVG.", completion: .file(extensions: ["svg"]))
    var svg: String?

    @Option(
        help:
            "Also write the tensors at which the first file has to be cut for all to share what they have in common; see import --cut."
    )
    var advise: String?

    func validate() throws {
        guard models.count >= 2 else { throw ValidationError("two models or more are compared") }
        guard (0...1).contains(share) else { throw ValidationError("--share goes from 0 to 1") }
    }

    func run() throws {
        let configuration = try common.configuration()
        let store = try BlockStore(directory: configuration.store)
        let output = try svg.map { path throws(ServingError) in try OutputFile(path) }
        let advice = try advise.map { path throws(ServingError) in try OutputFile(path) }
        let reader = ComparedModelReader(configuration: configuration, store: store)
        let comparison = try ModelComparison(models.map(reader.model))
        let setting = ComparisonSetting(share: share, calibration: store.latestCalibration())
        try output?.write(ComparisonDrawing(comparison).svg.utf8)
        if let advice { try advice.write("\(tensors().joined(separator: ","))\n".utf8) }
        try CommandOutput.print(json ? try comparison.json(setting) : comparison.text(setting))
    }

    /// A store does not keep the names of tensors.
    private func tensors() throws -> [String] {
        if let stored = models.first(where: { !FileManager.default.fileExists(atPath: $0) }) {
            throw CatalogError(.unreadableFile, "--advise takes files alone, and there is no file '\(stored)'")
        }
        return try CutAdvice(forFirstOf: models).tensors
    }
}

/// Finds what arguments of `gateway compare` name.
private final class ComparedModelReader {
    private let configuration: GatewayConfiguration
    private let store: BlockStore
    /// Started with the first file: models of the store need no runtime.
    private var probe: ModelProbe?

    init(configuration: GatewayConfiguration, store: BlockStore) {
        self.configuration = configuration
        self.store = store
    }

    /// The file of that path, else the model of that name.
    func model(_ argument: String) throws -> ComparedModel {
        if FileManager.default.fileExists(atPath: argument) {
            let probe = try self.probe ?? ModelProbe(configuration: configuration, runs: false)
            self.probe = probe
            return try ComparedModel(file: argument, types: probe)
        }
        guard let entry = try stored(argument) else {
            throw CatalogError(
                .unknownModel,
                "'\(argument)' is neither a file nor a model of the store '\(store.directory)'"
            )
        }
        return try ComparedModel(entry, in: store)
    }

    private func stored(_ argument: String) throws -> CatalogEntry? {
        guard store.holdsModels else { return nil }
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let version = parts.count == 2 ? Int(plainDecimal: parts[1]) : nil
        guard let name = parts.first.map(String.init), parts.count == 1 || version != nil else { return nil }
        return try store.listing().entries.last {
            $0.model.id.name == name && (version ?? $0.model.id.version) == $0.model.id.version
        }
    }
}
