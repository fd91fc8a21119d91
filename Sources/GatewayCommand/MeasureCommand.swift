import ArgumentParser
import Foundation
import Gateway
import Logging
import ModelCatalog
import ServingCore

/// `gateway measure`: what `gateway serve` runs at its start; ends with its standard input.
struct MeasureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Measure models that were never measured, for a bounded time.",
        shouldDisplay: false
    )

    @OptionGroup var common: CommonOptions

    /// With less time left, it is not measured how many batches at once serve most.
    private static let laneBudget = Duration.milliseconds(1000)

    @Option(help: "The hard cap on parameter blocks in accelerator memory.")
    var memoryBytes: String?

    @Option(help: "How long to measure.")
    var budgetMs: Int

    func run() throws {
        Thread.detachNewThread {
            while (try? FileHandle.standardInput.read(upToCount: 1)) ?? nil != nil {}
            // Whoever is compiling cannot be asked to stop.
            _exit(1)
        }
        let configuration = try common.configuration(flags: [("--memory-bytes", "memory.bytes", memoryBytes)])
        let logger = ServeCommand.logger(level: configuration.logLevel, format: configuration.logFormat)
        let store = try BlockStore(directory: configuration.store)
        let start = SystemMonotonicClock.now()
        let calibrator = try ModelCalibrator(configuration: configuration, store: store, logger: logger)
        do throws(CatalogError) {
            try calibrator.calibrate(onlyMissing: true, budget: .milliseconds(budgetMs)) { id, outcome in
                switch outcome {
                case .measured: logger.info("a model was measured", metadata: ["model": "\(id)"])
                case .failed(let error):
                    logger.warning(
                        "a model cannot be measured",
                        metadata: ["model": "\(id)", "problem": "\(error.message)"]
                    )
                }
            }
        } catch {
            logger.warning("what was measured cannot be kept", metadata: ["problem": "\(error.message)"])
        }
        let left = .milliseconds(budgetMs) - start.duration(to: SystemMonotonicClock.now())
        guard left > Self.laneBudget else { return }
        do {
            _ = try calibrator.measureLanes(onlyMissing: true, rounds: 1)
        } catch {
            logger.warning(
                "it cannot be measured how many batches at once serve most",
                metadata: ["problem": "\(error)"]
            )
        }
    }
}
