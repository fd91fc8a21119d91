import ArgumentParser
import Foundation

/// The uplink's bars: rates against grants, kernel memory, gone clients, cost of pacing, and requests in time on a narrow link.
@main
struct UplinkBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "UplinkBenchmark",
        abstract: "Measures the uplink's promises; exit status 1 where one is missed that could be kept.",
        subcommands: [Measure.self, Flood.self, Devices.self, Guard.self],
        defaultSubcommand: Measure.self
    )
}

/// Runs the measurements and prints what was reached.
struct Measure: AsyncParsableCommand {
    enum Part: String, CaseIterable, ExpressibleByArgument {
        case rates, memory, gone, cost, link
    }

    static let configuration = CommandConfiguration(abstract: "Run the measurements (default).")

    @Option(help: "What to measure; all without it.") var part: [Part] = []
    @Option(help: "Seconds each rate is measured for.") var seconds = 5
    @Option(help: "Rounds on the narrow link; medians count.") var rounds = 3
    @Option(help: "Seconds for which requests arrive on the narrow link.") var horizon = 20
    @Option(help: "A further key of the gateway's uplink, for trying it out: 'learn_links: false'.")
    var uplink: [String] = []
    @Option(help: "Which bodies and deadlines on the narrow link; all without it.")
    var mix: [RequestMix] = []
    @Option(help: "Whose sharing of the narrow link: constant, varying, off; all without it.") var sharing: [String] =
        []
    @Option(help: "Bit/s that the gateway is told to share out of the narrow link.") var shared = 17_800_000
    @Option(help: "Milliseconds that the gateway takes off each deadline on the narrow link.") var slack = 20
    @Flag(help: "Only devices that ask before they send.") var onlyAsking = false
    @Flag(help: "Name each request on the narrow link that sent something and was missed.") var missed = false
    @Flag(help: "Devices close without a reset: their kernels send on what was written.")
    var plainClose = false
    @Option(help: "The seed of the first round's requests.") var seed: UInt64 = 1

    func validate() throws {
        guard (2...600).contains(seconds), (1...100).contains(rounds), (2...3600).contains(horizon) else {
            throw ValidationError("--seconds goes from 2 to 600, --rounds from 1 to 100, --horizon from 2 to 3600")
        }
    }

    private var narrowLink: NarrowLinkMeasure {
        NarrowLinkMeasure(
            rounds: rounds,
            horizon: horizon,
            seed: seed,
            furtherKeys: uplink,
            configuredRate: shared,
            slack: slack,
            mixes: mix.isEmpty ? RequestMix.allCases : mix,
            settings: LinkSetting.all.filter {
                (sharing.isEmpty || sharing.contains($0.allocation ?? "off")) && ($0.asksFirst || !onlyAsking)
            },
            namesMissed: missed,
            closesPlainly: plainClose
        )
    }

    func run() async throws {
        Descriptors.raiseLimit()
        let parts = part.isEmpty ? Part.allCases : part
        var bars: [Bar] = []
        if parts.contains(.rates) { bars += try RateMeasure(seconds: seconds).run() }
        if parts.contains(.memory) { bars += try KernelMemoryMeasure().run() }
        if parts.contains(.gone) { bars += try GoneClientMeasure().run() }
        if parts.contains(.cost) { bars += try PacingCostMeasure(seconds: seconds).run() }
        if parts.contains(.link) { bars += try await narrowLink.run() }
        print("\nbars")
        for bar in bars { print(bar.line) }
        guard bars.allSatisfy({ $0.isReached || !$0.isPossible }) else { throw ExitCode.failure }
    }
}

/// Something that was promised, and whether it is reached.
struct Bar {
    let name: String
    let figure: String
    let isReached: Bool
    /// Whether anybody could, by a bound that was computed.
    var isPossible = true

    /// The line that is printed.
    var line: String { "  \(isReached ? "reached" : isPossible ? "MISSED " : "beyond ")  \(name): \(figure)" }
}

/// A failure that says in one line what to do.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
