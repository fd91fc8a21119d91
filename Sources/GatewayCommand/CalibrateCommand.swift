import ArgumentParser
import Foundation
import Gateway
import Logging
import ModelCatalog
import ServingCore

/// `gateway calibrate`: what loading and running models takes on this machine.
struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Compile models for this machine, and measure what loading and running them takes."
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "The models' names. Default: all.")
    var models: [String] = []

    @Flag(help: "Leave out what was measured before.")
    var missing = false

    func run() throws {
        let configuration = try common.configuration()
        let store = try BlockStore(directory: configuration.store)
        let known = Set(try store.listing().entries.map(\.model.id.name))
        if let unknown = models.first(where: { !known.contains($0) }) {
            throw CatalogError(.invalidName, "there is no model '\(unknown)' in the store")
        }
        let calibrator = try ModelCalibrator(
            configuration: configuration,
            store: store,
            logger: Logger(label: "gateway")
        )
        var failures = 0
        try calibrator.calibrate(where: { models.isEmpty || models.contains($0.name) }, onlyMissing: missing) {
            id,
            outcome in
            switch outcome {
            case .measured(let compute, let load):
                let figures = [load.inSeconds, compute.baseSeconds, compute.itemSeconds].map {
                    String(format: "%.3f ms", $0 * 1e3)
                }
                print("\(id) load \(figures[0]), compute \(figures[1]) and \(figures[2]) for each request")
            case .failed(let error):
                failures += 1
                FileHandle.standardError.write(Data("gateway: \(id): \(error.message)\n".utf8))
            }
        }
        if failures > 0 { throw ExitCode.failure }
    }
}
