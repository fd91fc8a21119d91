import ArgumentParser
import Foundation
import Gateway
import ModelCatalog

/// `gateway models`: what the store holds.
struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "models", abstract: "List the models in the store.")

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let configuration = try common.configuration()
        let listing = try configuration.existingStore().listing()
        let table = ModelTable(listing)
        try CommandOutput.print(json ? try table.json() : table.text)
        for (model, problem) in listing.problems.sorted(by: { $0.key < $1.key }) {
            CommandOutput.note("gateway: \(model): \(problem)")
        }
        if !listing.problems.isEmpty { throw ExitCode.failure }
    }
}
