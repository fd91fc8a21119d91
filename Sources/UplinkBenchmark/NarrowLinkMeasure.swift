import Foundation
import TestSupport

/// 20 devices behind one link of 20 Mbit/s that ask for 1.5 times what fits: how many are served in time, and what is wasted.
struct NarrowLinkMeasure {
    let rounds: Int
    let horizon: Int
    let seed: UInt64
    let furtherKeys: [String]
    /// What the gateway is told to share out, in bit/s: less than the link carries, so that the link's queue stays short.
    let configuredRate: Int
    /// What the gateway takes off each deadline: devices count from before they connect, and the answer has to come back.
    let slack: Int
    let mixes: [RequestMix]
    let settings: [LinkSetting]
    /// Whether each request that wasted something is named.
    let namesMissed: Bool
    /// Whether devices leave it to the kernel to send what they had written when they were answered.
    let closesPlainly: Bool

    private static let offered = 1.5

    func run() async throws -> [Bar] {
        guard getuid() == 0 else { throw BenchmarkFailure("the narrow link needs root: network namespaces, tc") }
        let guardian = try Guardian()
        defer { guardian.end() }
        let network = try NetworkNamespace(bitsPerSecond: DeviceTrace.linkRate, devices: DeviceTrace.devices, guardian)
        defer { network.remove() }
        let store = try await importModel()
        var bars: [Bar] = []
        for mix in mixes { bars += try await run(mix, network, store, guardian) }
        return bars
    }

    private func run(
        _ mix: RequestMix,
        _ network: NetworkNamespace,
        _ store: URL,
        _ guardian: Guardian
    ) async throws -> [Bar] {
        print("\n20 devices behind one 20 Mbit/s link, 1.5 times what fits on offer, \(rounds) rounds of \(horizon) s")
        print("bodies and deadlines: \(mix.name)")
        print("  allocator                 asked first   requests    in time   uploaded MB   wasted")
        var results: [LinkSetting: [LinkResult]] = [:]
        var best: [OfflineYardstick] = []
        for round in 0..<rounds {
            let seed = seed + UInt64(round)
            best.append(yardstick(mix, seed))
            print(best[best.count - 1].row)
            for setting in settings {
                let result = try await measure(setting, mix, seed, network, store, guardian)
                print(result.row(setting))
                for line in result.reasons { print("      \(line)") }
                for line in namesMissed ? result.missed : [] { print("        \(line)") }
                results[setting, default: []].append(result)
            }
        }
        return bars(mix, results, best)
    }

    /// What somebody who knew all requests beforehand would have served of a round's.
    private func yardstick(_ mix: RequestMix, _ seed: UInt64) -> OfflineYardstick {
        let trace = DeviceTrace(mix, seed: seed, load: Self.offered, horizon: Double(horizon))
        return OfflineYardstick(trace.requests)
    }

    private func bars(
        _ mix: RequestMix,
        _ results: [LinkSetting: [LinkResult]],
        _ best: [OfflineYardstick]
    ) -> [Bar] {
        func median(_ setting: LinkSetting, _ value: (LinkResult) -> Double) -> Double {
            Figure.quantile((results[setting] ?? []).map(value), 0.5)
        }
        let ours = LinkSetting(allocation: "constant", asksFirst: true)
        let theirs = LinkSetting(allocation: nil, asksFirst: true)
        guard results[ours] != nil, results[theirs] != nil else { return [] }
        let tcp = max(median(theirs) { Double($0.inTime) }, 1)
        let ratio = median(ours) { Double($0.inTime) } / tcp
        let most = Figure.quantile(best.map { Double($0.atMost) }, 0.5) / tcp
        let known = Figure.quantile(best.map { Double($0.atLeast) }, 0.5) / tcp
        let (waste, other) = (median(ours, \.wastedPart), median(theirs, \.wastedPart))
        let limits = "known beforehand \(Figure.fixed(known, 2)), nobody more than \(Figure.fixed(most, 2))"
        return [
            Bar(
                name: "\(mix.rawValue): in time at least 1.5 times as many as with TCP's own sharing",
                figure: "\(Figure.fixed(ratio, 2)); \(limits)",
                isReached: ratio >= 1.5,
                isPossible: most >= 1.5
            ),
            Bar(
                name: "\(mix.rawValue): wasted bytes at most 3 %",
                figure: "\(Figure.percent(waste, digits: 2)), TCP's own sharing \(Figure.percent(other))",
                isReached: waste <= 0.03
            ),
        ]
    }

    private func measure(
        _ setting: LinkSetting,
        _ mix: RequestMix,
        _ seed: UInt64,
        _ network: NetworkNamespace,
        _ store: URL,
        _ guardian: Guardian
    ) async throws -> LinkResult {
        let host = NetworkNamespace.gatewayAddress
        let folder = try LiveGatewayFolders.make()
        let file = folder.appending(path: "gateway.yaml")
        try setting.configuration(bodyRate: configuredRate, slack: slack, furtherKeys).write(
            to: file,
            atomically: true,
            encoding: .utf8
        )
        let gateway = try LiveGatewayProcess(
            LiveGatewayPaths.gateway,
            ["serve", "--config", file.path, "--host", host, "--port", "0", "--store", store.path]
        )
        guardian.watch(process: gateway.processID)
        let port = try await gateway.line(startingWith: "listening on \(host):", limit: .seconds(30))
        let devices = network.command(
            Program.own.path,
            [
                "devices", "--host", host, "--port", port, "--mix", mix.rawValue, "--seed", "\(seed)", "--horizon",
                "\(horizon)", "--load", "\(Self.offered)",
            ] + (setting.asksFirst ? ["--asks-first"] : []) + (closesPlainly ? ["--plain-close"] : [])
        )
        let answers = try await LiveGatewayProcess.run(URL(filePath: devices.program), devices.arguments)
        gateway.terminate()
        _ = try await gateway.ended(limit: .seconds(40))
        guardian.forget(process: gateway.processID)
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
