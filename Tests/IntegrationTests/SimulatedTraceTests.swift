import Foundation
import TestSupport
import Testing
import TraceReplay

extension IntegrationTests {
    /// What `gateway simulate --trace` foretells is what a gateway does.
    @Suite(.serialized)
    struct SimulatedTraceTests {
        /// Bodies that take 160 ms over their devices' links, for deadlines of 50 to 400 ms: the links decide who is in time, and
        /// not how fast this machine is.
        private static var trace: Trace {
            var wanted = TraceSpecification(
                arrivals: .poisson,
                rate: 25,
                duration: 4,
                models: ["digits", "prime", "parity"],
                seed: 3
            )
            wanted.timeout = 50...400
            wanted.bodyBytes = 20_000
            wanted.linkRate = 1e6...1e6
            return wanted.make()
        }

        @Test func `As many requests of a trace are in time in simulation as at a gateway, within a fifth`()
            async throws
        {
            let gateway = try await LiveGateway()
            let real = try await Replayer(address: try ReplayAddress(gateway.url)).play(Self.trace)
            IntegrationTests.expectCleanEnd(try await gateway.stop())

            let folder = try LiveGatewayFolders.make()
            let calibration = folder.appending(path: "calibration.json").path
            let measured = try await command(
                ["calibrate", "--missing", "--models-only", "--store", gateway.store.path, "--out", calibration]
            )
            #expect(measured.status == 0, "\(measured.errorOutput)")
            let trace = folder.appending(path: "trace.jsonl")
            try Data(Self.trace.requests.map(Self.line).joined().utf8).write(to: trace)
            let found = try await command(
                ["simulate", "--trace", trace.path, "--calibration", calibration, "--json"]
            )
            #expect(found.status == 0, "\(found.errorOutput)")
            let json = try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [String: Any]
            let inTime = try #require(json?["in_time"] as? Int)
            #expect(json?["sent"] as? Int == real.counts.sent)
            #expect(real.counts.inTime > 20 && real.counts.inTime < real.counts.sent, "\(real)")
            #expect(abs(inTime - real.counts.inTime) * 5 <= real.counts.inTime, "\(inTime) simulated, \(real)")
        }

        @Test(arguments: [
            (["simulate"], "--out"), (["simulate", "no-such", "--out", "x"], "no-such"),
            (["simulate", "--trace", "x"], "--calibration"),
            (["simulate", "small", "--seeds", "0", "--out", "x"], "--seeds"),
            (["simulate", "--trace", "/dev/null", "--calibration", "/dev/null"], "/dev/null"),
            (["simulate", "small", "--out", "x", "--calibration", "no-such-file"], "no-such-file"),
        ])
        func `Bad input gets one line that names it, and exit status 2`(arguments: [String], named: String) async throws
        {
            let result = try await command(arguments)
            #expect(result.status == 2, "\(result)")
            #expect(result.errorOutput.contains(named), "\(result.errorOutput)")
        }

        private static func line(_ request: TraceRequest) -> String {
            """
            {"at_s":\(request.arrival),"model":"\(request.model)","device":"\(request.device)",\
            "timeout_ms":\(request.timeout),"bytes":\(request.bodyBytes ?? 0),\
            "link_bits_per_second":\(request.linkRate ?? 1e6)}

            """
        }

        private func command(_ arguments: [String]) async throws -> LiveGatewayProcess.Result {
            try await LiveGatewayProcess.run(LiveGatewayPaths.gateway, arguments, limit: .seconds(100))
        }
    }
}
