import ArgumentParser
import Foundation
import Gateway
import ModelCatalog

/// `gateway import`: a model into the store, cut into blocks.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Cut an ONNX model into parameter blocks and put those that are new into the store."
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "The ONNX file.", completion: .file(extensions: ["onnx"]))
    var file: String

    @Option(help: "The model's name: 1-64 of letters, digits, dot, underscore, dash.")
    var name: String

    @Option(parsing: .unconditional, help: "The model's version. Default: the next one.")
    var version: Int?

    @Flag(help: "Do not compare what the blocks give with what the whole model gives.")
    var noVerify = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let configuration = try common.configuration()
        let store = try BlockStore(directory: configuration.store)
        let types = try ONNXTensorTypes(configuration: configuration)
        let report = try store.importModel(
            from: file,
            name: name,
            version: version,
            types: types,
            trials: noVerify ? nil : ONNXTrialEngine(configuration: configuration)
        )
        try CommandOutput.print(json ? try report.json() : report.description)
    }
}
