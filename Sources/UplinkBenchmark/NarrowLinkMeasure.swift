import Foundation
import TestSupport

/// 20 devices behind one link of 20 Mbit/s that ask for 1.5 times what fits: how many are served in time, and what is wasted.
struct NarrowLinkMeasure {
    let rounds: Int
    let horizon: Int
    let seed: UInt64
    let furtherKeys: [String]

    private static let linkRate = 20_000_000
    /// What is left of the link for bodies: 1448 of 1514 bytes of a full packet, less heads, hand-shakes, and what
    /// acknowledges the answers.
    private static let bodyRate = 18_600_000
    /// What the gateway is told to share out: less, so that the link's queue stays short.
    private static let configuredRate = 17_800_000
    private static let offered = 1.5

    func run() async throws -> [Bar] {
        guard getuid() == 0 else { throw BenchmarkFailure("the narrow link needs root: network namespaces, tc") }
        let network = try NetworkNamespace(bitsPerSecond: Self.linkRate, devices: DeviceTrace.devices)
        defer { network.remove() }
        let store = try await importModel()
        print("\n20 devices behind one 20 Mbit/s link, 1.5 times what fits on offer, \(rounds) rounds of \(horizon) s")
        print("  allocator                 asked first   requests    in time   uploaded MB   wasted")
        var results: [LinkSetting: [LinkResult]] = [:]
        for round in 0..<rounds {
            for setting in LinkSetting.all {
                let result = try await measure(setting, seed + UInt64(round), network, store)
                print(result.row(setting))
                results[setting, default: []].append(result)
            }
        }
        return bars(results)
    }

    private func bars(_ results: [LinkSetting: [LinkResult]]) -> [Bar] {
        func median(_ setting: LinkSetting, _ value: (LinkResult) -> Double) -> Double {
            Figure.quantile((results[setting] ?? []).map(value), 0.5)
        }
        return [LinkSetting(allocation: "constant", asksFirst: true)].flatMap { ours in
            let theirs = LinkSetting(allocation: nil, asksFirst: ours.asksFirst)
            let ratio = median(ours) { Double($0.inTime) } / max(median(theirs) { Double($0.inTime) }, 1)
            let (waste, other) = (median(ours, \.wastedPart), median(theirs, \.wastedPart))
            return [
                Bar(
                    name:
                        "\(ours.name) shares, the default: in time at least 1.5 times as many as with TCP's own sharing",
                    figure: Figure.fixed(ratio, 2),
                    isReached: ratio >= 1.5
                ),
                Bar(
                    name: "\(ours.name) shares, the default: wasted bytes at most 3 %",
                    figure: "\(Figure.percent(waste, digits: 2)), TCP's own sharing \(Figure.percent(other))",
                    isReached: waste <= 0.03
                ),
            ]
        }
    }

    private func measure(
        _ setting: LinkSetting,
        _ seed: UInt64,
        _ network: NetworkNamespace,
        _ store: URL
    ) async throws -> LinkResult {
        let host = NetworkNamespace.gatewayAddress
        let folder = try LiveGatewayFolders.make()
        let file = folder.appending(path: "gateway.yaml")
        try setting.configuration(bodyRate: Self.configuredRate, furtherKeys).write(
            to: file,
            atomically: true,
            encoding: .utf8
        )
        let gateway = try LiveGatewayProcess(
            LiveGatewayPaths.gateway,
            ["serve", "--config", file.path, "--host", host, "--port", "0", "--store", store.path]
        )
        let port = try await gateway.line(startingWith: "listening on \(host):", limit: .seconds(30))
        let devices = network.command(
            Program.own.path,
            [
                "devices", "--host", host, "--port", port, "--seed", "\(seed)", "--horizon", "\(horizon)",
                "--bits-per-second", "\(Double(Self.bodyRate) * Self.offered)",
            ] + (setting.asksFirst ? ["--asks-first"] : [])
        )
        let answers = try await LiveGatewayProcess.run(URL(filePath: devices.program), devices.arguments)
        gateway.terminate()
        _ = try await gateway.ended(limit: .seconds(40))
        guard answers.status == 0 else { throw BenchmarkFailure("the devices failed: \(answers.errorOutput)") }
        return LinkResult(answers.output.split(separator: "\n").compactMap { DeviceOutcome($0) })
    }

    private func importModel() async throws -> URL {
        let store = try LiveGatewayFolders.make().appending(path: "store")
        let model = LiveGatewayPaths.root.appending(path: "Sources/GatewayBenchmark/Models/noop.onnx")
        let result = try await LiveGatewayProcess.run(
            LiveGatewayPaths.gateway,
            ["import", model.path, "--name", "noop", "--store", store.path]
        )
        guard result.status == 0 else { throw BenchmarkFailure("gateway import: \(result.errorOutput)") }
        return store
    }
}

/// Who shares the link out, and whether devices ask before they send.
struct LinkSetting: Hashable {
    /// `constant` or `varying`; nil leaves it to TCP, with admission that knows nothing of the uplink.
    var allocation: String?
    var asksFirst: Bool

    static let all = [true, false].flatMap { asks in
        ["varying", "constant", nil].map { LinkSetting(allocation: $0, asksFirst: asks) }
    }

    var name: String { allocation ?? "off: TCP's own sharing" }

    func configuration(bodyRate: Int, _ furtherKeys: [String]) -> String {
        let uplink =
            if let allocation {
                "  bits_per_second: \(bodyRate)\n  allocation: \(allocation)\n"
                    + furtherKeys.map { "  \($0)\n" }.joined()
            } else {
                "  learn_links: false\n  assumed_link_bits_per_second: \(bodyRate)\n"
            }
        // Deadlines count from before the connection: the way there and back comes off.
        return "uplink:\n\(uplink)scheduling:\n  slack_ms: 20\nlog:\n  level: error\n"
    }
}

/// What one round came to.
struct LinkResult {
    let outcomes: [DeviceOutcome]

    init(_ outcomes: [DeviceOutcome]) { self.outcomes = outcomes }

    var inTime: Int { outcomes.count(where: \.isWanted) }
    var uploaded: Int { outcomes.reduce(0) { $0 + $1.uploaded } }
    var wastedPart: Double {
        let wasted = outcomes.reduce(0) { $0 + ($1.isWanted ? 0 : $1.uploaded) }
        return Double(wasted) / Double(max(uploaded, 1))
    }

    func row(_ setting: LinkSetting) -> String {
        let cells = [
            setting.name.padding(toLength: 24, withPad: " ", startingAt: 0),
            Figure.cell(setting.asksFirst ? "yes" : "no", 13), Figure.cell("\(outcomes.count)", 11),
            Figure.cell("\(inTime)", 11), Figure.cell(Figure.fixed(Double(uploaded) / 1e6, 1), 14),
            Figure.cell(Figure.percent(wastedPart), 9),
        ]
        return "  " + cells.joined() + "   " + statuses
    }

    /// How many ended how, and what they had uploaded: `deadline_passed: 12 (3.4 MB)`.
    private var statuses: String {
        Dictionary(grouping: outcomes) { $0.isWanted ? "in time" : $0.code == "ok" ? "late" : $0.code }
            .sorted { $0.key < $1.key }
            .map { code, outcomes in
                let bytes = outcomes.reduce(0) { $0 + $1.uploaded }
                return "\(code): \(outcomes.count) (\(Figure.fixed(Double(bytes) / 1e6, 1)) MB)"
            }
            .joined(separator: ", ")
    }
}
