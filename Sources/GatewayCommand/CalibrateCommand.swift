import ArgumentParser
import Dispatching
import Foundation
import Gateway
import JSONCoding
import Logging
import ModelCatalog
import ServingCore
import Simulation
import TraceReplay

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

    @Option(
        help: "Also measure networks of known size, and write what `gateway simulate --calibration` reads, as JSON.",
        completion: .file(extensions: ["json"])
    )
    var out: String?

    @Flag(help: "With --out: measure the store's models alone; constants for experiments are the stated ones.")
    var modelsOnly = false

    func run() throws {
        let configuration = try common.configuration()
        let store = try configuration.existingStore()
        let known = Set(try store.listing().entries.map(\.model.id.name))
        if let unknown = models.first(where: { !known.contains($0) }) {
            throw CatalogError(.invalidName, "there is no model '\(unknown)' in the store")
        }
        let logger = Logger(label: "gateway")
        let calibrator = try ModelCalibrator(configuration: configuration, store: store, logger: logger)
        // Before anything is measured: the result is not to be lost for want of a place to write it.
        let file = try out.map { path throws(ServingError) in try OutputFile(path) }
        var failures = 0
        var outputFailure: CommandOutput.Failure?
        try calibrator.calibrate(where: { models.isEmpty || models.contains($0.name) }, onlyMissing: missing) {
            id,
            outcome in
            switch outcome {
            case .measured(let compute, let load):
                let figures = [load.inSeconds, compute.baseSeconds, compute.itemSeconds].map {
                    String(format: "%.3f ms", $0 * 1e3)
                }
                do throws(CommandOutput.Failure) {
                    try CommandOutput.print(
                        "\(id) load \(figures[0]), compute \(figures[1]) and \(figures[2]) for each request"
                    )
                } catch {
                    outputFailure = error
                }
            case .failed(let error):
                failures += 1
                CommandOutput.note("gateway: \(id): \(error.message)")
            }
        }
        let lanes = failures == 0 ? try calibrator.measureLanes(onlyMissing: missing) : nil
        if let lanes {
            let gain = String(format: "%.2f", lanes.gain)
            try CommandOutput.print("lanes \(lanes.count), which do \(gain) times the work of one")
        }
        if let out, let file {
            let yardstick = CalibrationYardstick(configuration: configuration, logger: logger)
            try write(calibrator, yardstick, lanes, to: file, at: out)
        }
        if let outputFailure { throw outputFailure }
        if failures > 0 { throw ExitCode.failure }
    }

    private func write(
        _ calibrator: ModelCalibrator,
        _ yardstick: CalibrationYardstick,
        _ lanes: Calibration.Lanes?,
        to output: OutputFile,
        at path: String
    ) throws {
        let costs = modelsOnly ? .stated : try yardstick.measure()
        let served = try calibrator.servedCatalog()
        let contention = try calibrator.contention()
        let variation = contention.flatMap(WorkVariation.init)
        var file = CalibrationFile(
            costs: costs,
            models: [],
            loadSeconds: served?.catalog.loadSeconds ?? [:],
            contention: variation?.contention ?? 0,
            variation: variation,
            orderSeconds: contention?.meanOrderSeconds ?? 0,
            lanes: lanes.map { CalibrationFile.Lanes(count: $0.count, slowdown: $0.slowdown) }
        )
        for (model, entry) in zip(served?.models ?? [], served?.catalog.models ?? []) where entry.compute != nil {
            let bytes = try GeneratedBody.byteCount(of: model.inputs)
            file.models.append(CalibrationFile.Model(entry: entry, bodyBytes: bytes))
        }
        try output.write(file.json().withUnsafeBytes { Array($0) } + [UInt8(ascii: "\n")])
        try CommandOutput.print("\(file.models.count) models, \(costs.summary): \(path)")
    }
}

extension WorkVariation {
    /// What the samples come to; nil where there are none.
    fileprivate init?(_ samples: ContentionSamples) {
        self.init(
            loads: Ratios(alone: Self.weighted(samples.loadsAlone), beside: Self.weighted(samples.loadsBeside)),
            batches: Ratios(alone: Self.weighted(samples.batchesAlone), beside: Self.weighted(samples.batchesBeside))
        )
    }

    /// A small block's load may take ten times its estimate without anybody noticing: samples count as much as they are long.
    private static func weighted(_ samples: [ContentionSamples.Sample]) -> [(ratio: Double, weight: Double)] {
        samples.map { ($0.ratio, $0.estimate) }
    }
}

extension ContentionSamples {
    /// The mean of what orders took beside their blocks.
    fileprivate var meanOrderSeconds: Double { ordersAlone.reduce(0, +) / Double(max(ordersAlone.count, 1)) }
}
