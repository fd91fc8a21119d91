import ArgumentParser
import Foundation
import JSONCoding
import ServingCore
import TraceReplay

/// `gateway trace`: requests over time, for `gateway replay`.
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Make a trace: requests over time as JSON lines, for gateway replay."
    )

    // Taken by every command; a trace depends on its options alone.
    @OptionGroup var common: CommonOptions

    @Option(help: "How arrivals are spread: poisson, bursty, diurnal.")
    var arrivals = Kind.poisson

    @Option(parsing: .unconditional, help: "Requests a second, on average.")
    var rate: Double

    @Option(parsing: .unconditional, help: "How many seconds it lasts.")
    var duration: Double

    @Option(help: "The models, comma-separated, the one asked for most first.")
    var models: String

    @Option(parsing: .unconditional, help: "How unevenly the models are asked for (Zipf's exponent): 0 all alike.")
    var zipf = 0.9

    @Option(parsing: .unconditional, help: "How many devices send.")
    var devices = 100

    @Option(parsing: .unconditional, help: "The timeout of each request in milliseconds: N or LOW:HIGH.")
    var timeoutMs = RangeArgument(1000...1000)

    @Option(parsing: .unconditional, help: "The least bytes of a body. Default: what the model's inputs take.")
    var bytes: Int?

    @Option(
        parsing: .unconditional,
        help: "What each device's link carries at best in bit/s: N or LOW:HIGH. Default: no limit."
    )
    var linkBitsPerSecond: RangeArgument?

    @Option(
        parsing: .unconditional,
        help: "The spectral efficiency each device tells, in bit/s/Hz: N or LOW:HIGH. Default: none."
    )
    var spectralEfficiency: RangeArgument?

    @Option(
        help: "The channel of each device in Hz: its link carries this times the efficiency it tells. Default: none."
    )
    var channelHz: Double?

    @Option(parsing: .unconditional, help: "The part of the devices whose links carry less than they claim.")
    var overstatingDevices = 0.0

    @Option(parsing: .unconditional, help: "What part of its claimed link such a device has.")
    var overstatedLink = 0.5

    @Option(
        parsing: .unconditional,
        help: "After how many seconds the models change places, again and again: a shifting mix. Default: never."
    )
    var shiftSeconds: Double?

    @Option(parsing: .unconditional, help: "bursty: how many times the calm's rate a burst has.")
    var burstFactor = 8.0

    @Option(parsing: .unconditional, help: "bursty: how many seconds bursts and calms last on average.")
    var burstSeconds = 2.0

    @Option(parsing: .unconditional, help: "diurnal: how far the rate swings, as a part of its mean.")
    var depth = 0.8

    @Option(parsing: .unconditional, help: "diurnal: the seconds of one day. Default: the duration.")
    var period: Double?

    @Option(parsing: .unconditional, help: "Where all lots are drawn from.")
    var seed: UInt64 = 0

    /// How arrivals are spread.
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case poisson, bursty, diurnal
    }

    func validate() throws {
        try Self.check("--rate", rate, 1e-6...1e6)
        try Self.check("--duration", duration, 1e-3...86_400)
        try Self.check("--zipf", zipf, 0...10)
        try Self.check("--devices", Double(devices), 1...1e6)
        try Self.check("--burst-factor", burstFactor, 1...1e4)
        try Self.check("--burst-seconds", burstSeconds, 1e-3...86_400)
        try Self.check("--depth", depth, 0...1)
        try Self.check("--period", period ?? duration, 1e-3...1e6)
        try Self.check("--timeout-ms", timeoutMs.range.upperBound, 1...86_400_000)
        try Self.check("--channel-hz", channelHz ?? 1, 1...1e12)
        try Self.check("--overstating-devices", overstatingDevices, 0...1)
        try Self.check("--overstated-link", overstatedLink, 1e-3...1)
        try Self.check("--shift-seconds", shiftSeconds ?? 1, 1e-3...86_400)
        try checkLinks()
        try Self.check("--bytes", Double(bytes ?? 0), 0...Double(1 << 30))
        guard rate * duration <= 2e7 else {
            throw ValidationError("--rate times --duration is more than 20 million requests")
        }
        guard names.allSatisfy(ModelID.isValidName), !names.isEmpty else {
            throw ValidationError("--models names something that is no model: '\(models)'")
        }
    }

    private func checkLinks() throws {
        guard channelHz == nil || (spectralEfficiency != nil && linkBitsPerSecond == nil) else {
            throw ValidationError("--channel-hz needs --spectral-efficiency and no --link-bits-per-second")
        }
        guard overstatingDevices == 0 || channelHz != nil || linkBitsPerSecond != nil else {
            throw ValidationError("--overstating-devices needs links: --channel-hz or --link-bits-per-second")
        }
    }

    func run() throws {
        var text = Data()
        for request in specification.make().requests {
            request.json().withUnsafeBytes { text.append(contentsOf: $0) }
            text.append(UInt8(ascii: "\n"))
            if text.count > 1 << 20 {
                try CommandOutput.write(text)
                text.removeAll(keepingCapacity: true)
            }
        }
        try CommandOutput.write(text)
    }

    private var names: [String] { models.split(separator: ",").map(String.init) }

    private var specification: TraceSpecification {
        let process: ArrivalProcess =
            switch arrivals {
            case .poisson: .poisson
            case .bursty: .bursty(factor: burstFactor, meanSeconds: burstSeconds)
            case .diurnal: .diurnal(depth: depth, periodSeconds: period ?? duration)
            }
        var made = TraceSpecification(arrivals: process, rate: rate, duration: duration, models: names, seed: seed)
        made.zipfExponent = zipf
        made.devices = devices
        made.timeout = timeoutMs.range
        made.bodyBytes = bytes
        made.linkRate = linkBitsPerSecond?.range
        made.spectralEfficiency = spectralEfficiency?.range
        made.linkBandwidth = channelHz.map { Hertz($0) }
        made.overstatingPart = overstatingDevices
        made.overstatedLink = overstatedLink
        made.shiftSeconds = shiftSeconds
        return made
    }

    private static func check(_ name: String, _ value: Double, _ range: ClosedRange<Double>) throws {
        guard range.contains(value) else {
            throw ValidationError("\(name): expected \(range.lowerBound) to \(range.upperBound), found \(value)")
        }
    }
}

extension RangeArgument {
    /// A range as a default.
    init(_ range: ClosedRange<Double>) {
        self.range = range
    }
}
