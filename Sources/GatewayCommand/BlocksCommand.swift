import ArgumentParser
import Foundation
import Gateway
import ModelCatalog

/// `gateway blocks`: the parameter blocks of the store, and who uses them.
struct BlocksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "blocks",
        abstract: "List the parameter blocks in the store and the models that use each."
    )

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let store = try common.configuration().existingStore()
        let listing = try store.listing()
        let calibration = store.latestCalibration()
        let table = BlockTable(listing) { calibration[load: $0].map { $0.seconds * 1e3 } }
        try CommandOutput.print(json ? try table.json() : table.text)
        for (model, problem) in listing.problems.sorted(by: { $0.key < $1.key }) {
            CommandOutput.note("gateway: \(model): \(problem)")
        }
        if !listing.problems.isEmpty { throw ExitCode.failure }
    }
}
