import ArgumentParser
import Gateway
import ModelCatalog
import ServingCore

/// `gateway remove`: a model out of the store.
struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take a model out of the store; `gateway gc` then frees the blocks nobody else uses.",
        discussion: "A running gateway serves the model until it reloads its catalog."
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "The model, as NAME for all its versions or as NAME:VERSION.")
    var model: String

    @Option(parsing: .unconditional, help: "The version to remove. Default: the one in NAME:VERSION, or all.")
    var version: Int?

    func run() throws {
        let (name, version) = try chosen()
        let store = try common.configuration().existingStore()
        for id in try store.remove(name, version: version) { try CommandOutput.print("\(id) removed") }
    }

    private func chosen() throws -> (name: String, version: Int?) {
        let parts = model.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let named = parts.count == 2 ? Int(plainDecimal: parts[1]) : nil
        guard parts.count < 2 || (named ?? 0) >= 1 else {
            throw CatalogError(.invalidName, "'\(model)' is not NAME or NAME:VERSION with a version of 1 or more")
        }
        guard (version ?? 1) >= 1 else { throw ValidationError("--version is 1 or more") }
        guard version == nil || named == nil || version == named else {
            throw ValidationError("'\(model)' and --version \(version ?? 0) name two versions")
        }
        return (String(parts[0]), version ?? named)
    }
}
