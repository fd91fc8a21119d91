import ArgumentParser
import Foundation
import TestSupport

/// Every policy on the same traces, on this machine, with the real server, real models and a client of its own process.
@main
struct PolicyBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "PolicyBenchmark",
        abstract: "Plays the same traces under every policy; exit status 1 where a bar is missed."
    )

    @Option(help: "The policies, separated by commas; lru-default is lru that also runs what has expired.")
    var policies = "partial,whole,lru,lru-default,edf"
    @Option(help: "The loads, in times of that where lru begins to miss; a load of 10 means 10 times the capacity.")
    var loads = "1,1.5,2,10"
    @Option(help: "Also the traces of this repository: burst, shift, import, liars; separated by commas.")
    var scenarios = ""
    @Option(help: "How many times the base load the scenarios are played at.") var scenarioLoad = 1.5
    @Option(help: "The zoo's depths, separated by commas.") var depths = "18,34,50"
    @Option(help: "The zoo's variants of each depth.") var variants = 12
    @Option(help: "Height and width of the zoo's images; the real networks take 224.") var imageSize = 64
    @Option(help: "Seconds each trace lasts.") var seconds = 10.0
    @Option(help: "How many traces are played at each load.") var rounds = 1
    @Option(help: "Each request's timeout in milliseconds, LOW:HIGH.") var timeoutMs = "100:600"
    @Option(help: "How unevenly the models are asked for (Zipf's exponent).") var zipf = 0.9
    @Option(help: "The part of the whole models' bytes there is memory for.") var memory = 0.1
    @Option(help: "Requests a second where lru begins to miss; without it, it is searched.") var baseRate: Double?
    @Option(help: "The folder of the zoo and its store, kept for the next run.") var folder = ".build/policy-zoo"
    @Option(
        help: "The engine's threads. Default: one core is left to the client, which plays on the same machine."
    )
    var engineThreads = max(ProcessInfo.processInfo.activeProcessorCount - 1, 1)
    @Option(help: "A key of the gateway's configuration, for trying it out: scheduling.slack_ms=5.") var key: [String] =
        []
    @Option(help: "The seed of the first round's traces.") var seed: UInt64 = 1
    @Option(help: "A file to write all figures to, as JSON.") var report: String?
    @Flag(help: "Go on with the figures that are in the report already.") var append = false
    @Flag(help: "Only write, import and calibrate the zoo.") var prepare = false

    func validate() throws {
        guard (1...600).contains(seconds), (1...100).contains(rounds), (1...64).contains(variants),
            (0.01...1).contains(memory), (0...10).contains(zipf), (1...1024).contains(engineThreads)
        else {
            throw ValidationError(
                "--seconds goes from 1 to 600, --rounds from 1 to 100, --variants to 64, --memory from 0.01 to 1"
            )
        }
        guard key.allSatisfy({ $0.split(separator: "=").count == 2 && $0.contains(".") }) else {
            throw ValidationError("--key takes section.key=value")
        }
        guard loadFactors.count == Self.list(loads).count else { throw ValidationError("--loads takes numbers") }
    }

    func run() async throws {
        var zoo = ZooStore(folder, depths: depths, variants: variants, imageSize: imageSize)
        try await zoo.prepare(engineThreads: engineThreads)
        guard !prepare else { return }
        let memoryBytes = Int(Double(zoo.wholeBytes) * memory)
        print(
            "\(zoo.models.count) models, \(zoo.wholeBytes / 1_000_000) MB whole, memory for \(memoryBytes / 1_000_000) MB, "
                + "images \(imageSize)x\(imageSize), timeouts \(timeoutMs) ms, Zipf \(zipf), \(engineThreads) engine thread(s)"
        )
        let keys = ["engine.threads=\(engineThreads)"] + key
        let stage = Stage(zoo: zoo, memoryBytes: memoryBytes, keys: keys)
        let traces = TraceMaker(models: zoo.models, timeout: timeoutMs, zipf: zipf, seconds: seconds)
        var figures = try earlierFigures()
        figures.baseRate = try await base(stage, traces, figures)
        print("lru begins to miss at \(Figure.fixed(figures.baseRate, 1)) requests/s")
        try await play(stage, traces, &figures)
        print("\n" + PolicyTable(figures).text)
        let bars = PolicyBars(figures).bars
        print("\nbars")
        for bar in bars { print(bar.line) }
        guard bars.allSatisfy({ $0.isReached ?? true }) else { throw ExitCode.failure }
    }

    private func base(_ stage: Stage, _ traces: TraceMaker, _ figures: PolicyFigures) async throws -> Double {
        if let baseRate { return baseRate }
        if figures.baseRate > 0 { return figures.baseRate }
        return try await LoadSearch(stage: stage, traces: traces, seed: seed).highestRate()
    }

    private func play(_ stage: Stage, _ traces: TraceMaker, _ figures: inout PolicyFigures) async throws {
        for round in 0..<rounds {
            for load in loadFactors {
                let rate = figures.rate(at: load)
                let trace = try await traces.steady(rate: rate, seed: seed + UInt64(round))
                let setting = Setting(name: "\(Figure.fixed(load, 1)) x", load: load, rate: rate, round: round)
                try await playAll(stage, Play(trace: trace), setting, &figures)
            }
            for name in Self.list(scenarios) {
                let play = try traces.scenario(name, rate: figures.baseRate * scenarioLoad)
                let rate = figures.baseRate * scenarioLoad
                let setting = Setting(name: name, load: scenarioLoad, rate: rate, round: round)
                try await playAll(stage, play, setting, &figures)
            }
        }
    }

    /// One trace under every policy, each on a fresh gateway; every second trace in the opposite order.
    private func playAll(
        _ stage: Stage,
        _ play: Play,
        _ setting: Setting,
        _ figures: inout PolicyFigures
    ) async throws {
        let names = Self.list(policies)
        let isReversed = figures.results.count / max(names.count, 1) % 2 == 1
        for policy in isReversed ? names.reversed() : names {
            let result = try await stage.play(play, by: Contender(policy), setting: setting)
            print(result.line)
            figures.results.append(result)
            try write(figures)
        }
    }

    private func earlierFigures() throws -> PolicyFigures {
        guard append, let report, let data = FileManager.default.contents(atPath: report) else {
            return PolicyFigures()
        }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "+Inf",
            negativeInfinity: "-Inf",
            nan: "NaN"
        )
        return try decoder.decode(PolicyFigures.self, from: data)
    }

    /// How the last bucket of a histogram is written, whose bound is infinite.
    private static let floats = JSONEncoder.NonConformingFloatEncodingStrategy.convertToString(
        positiveInfinity: "+Inf",
        negativeInfinity: "-Inf",
        nan: "NaN"
    )

    private func write(_ figures: PolicyFigures) throws {
        guard let report else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.nonConformingFloatEncodingStrategy = Self.floats
        try encoder.encode(figures).write(to: URL(filePath: report), options: .atomic)
    }

    private var loadFactors: [Double] { Self.list(loads).compactMap { Double($0) }.filter { $0 > 0 && $0 <= 1000 } }
    private static func list(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }
}

/// A failure that says in one line what to do.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
