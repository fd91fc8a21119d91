import Foundation
import JSONCoding
import ServingCore
import Synchronization
import TestSupport
import Testing
import TraceReplay

extension IntegrationTests {
    /// Traces played over real sockets: the client's count is the server's.
    @Suite(.serialized)
    struct ReplayTests {
        private static let models = ["digits", "prime", "parity", "zero-or-eight"]

        @Test func `The client's account of a bursty trace is the server's, and every status adds up`() async throws {
            let gateway = try await LiveGateway(["--memory-bytes", "500000"])
            var wanted = TraceSpecification(
                arrivals: .bursty(factor: 10, meanSeconds: 0.2),
                rate: 400,
                duration: 3,
                models: Self.models,
                seed: 7
            )
            // From what nobody can do in time to what is easy.
            wanted.timeout = 1...60
            let trace = wanted.make()
            let faults = Mutex<[String]>([])
            let watch = Task {
                var count = 0
                while !Task.isCancelled, let status = try? await Status(of: gateway),
                    let scraped = try? await Status(scraping: gateway)
                {
                    faults.withLock { $0 += status.faults + scraped.faults }
                    count += 1
                }
                return count
            }
            let replayer = Replayer(address: try ReplayAddress(gateway.url))
            let report = try await replayer.play(trace)
            watch.cancel()
            #expect(await watch.value > 5)
            #expect(faults.withLock { $0 } == [])

            let counts = report.counts
            #expect(counts.sent == trace.requests.count)
            #expect(counts.sent == counts.inTime + counts.late + counts.failed + counts.rejectedTotal)
            #expect(counts.inTime > 0 && counts.rejectedTotal > 0, "\(report)")
            #expect(report.perModel.values.reduce(0) { $0 + $1.sent } == counts.sent)
            expectEqual(counts, try await Status(of: gateway), "\(report)")
            expectEqual(counts, try await Status(scraping: gateway), "\(report)")
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }

        @Test func `A device's link holds its uploads to its rate`() async throws {
            let gateway = try await LiveGateway()
            // 40 kB at 800 kbit/s take 0.4 s, and the second of the two waits for the first.
            let trace = Trace(
                (0..<2).map { _ in
                    TraceRequest(
                        arrival: 0,
                        model: "digits",
                        device: "d0",
                        timeout: 5000,
                        bodyBytes: 40_000,
                        linkRate: 800_000
                    )
                }
            )
            let report = try await Replayer(address: try ReplayAddress(gateway.url)).play(trace)
            #expect(report.counts.inTime == 2, "\(report)")
            #expect(report.bytesSent == 80_000)
            #expect(report.duration > 0.79, "\(report)")
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }

        @Test func `What is refused at its head costs no body where the client waits for a 100`() async throws {
            let gateway = try await LiveGateway(["--uplink-bits-per-second", "1000000"])
            let hopeless = TraceRequest(arrival: 0, model: "digits", device: "d0", timeout: 200, bodyBytes: 500_000)
            let report = try await Replayer(address: try ReplayAddress(gateway.url)).play(Trace([hopeless]))
            #expect(report.counts.rejected == ["uplink": 1], "\(report)")
            #expect(report.bytesSent == 0)
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }

        @Test func `The commands make a trace, play it, and write the report`() async throws {
            let gateway = try await LiveGateway()
            let folder = try LiveGatewayFolders.make()
            let made = try await command(
                "trace",
                "--arrivals",
                "diurnal",
                "--rate",
                "50",
                "--duration",
                "1",
                "--models",
                "digits,prime",
                "--seed",
                "5"
            )
            #expect(made.status == 0, "\(made.errorOutput)")
            let trace = folder.appending(path: "trace.jsonl")
            try made.output.write(to: trace, atomically: true, encoding: .utf8)
            let report = folder.appending(path: "report.json")
            let played = try await command("replay", trace.path, "--url", gateway.url, "--report", report.path)
            #expect(played.status == 0, "\(played.errorOutput)")
            #expect(played.output.contains("in time"), "\(played.output)")
            let sent = made.output.split(separator: "\n").count
            let text = try String(contentsOf: report, encoding: .utf8)
            #expect(text.hasPrefix(#"{"sent":\#(sent),"#), "\(text)")
            let unknown = try await command("replay", trace.path, "--url", "http://127.0.0.1:1")
            #expect(unknown.status == 1, "\(unknown.errorOutput)")
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }

        private func command(_ arguments: String...) async throws -> LiveGatewayProcess.Result {
            try await LiveGatewayProcess.run(LiveGatewayPaths.gateway, arguments, limit: .seconds(60))
        }

        private func expectEqual(_ counts: ReplayReport.Counts, _ status: Status, _ report: Comment) {
            #expect(status.number("received") == counts.sent, report)
            #expect(status.number("rejected") == counts.rejectedTotal, report)
            // Each side has a clock of its own: at the edge of a deadline they may differ on which of the two it was.
            #expect(status.number("in_time") + status.number("late") == counts.inTime + counts.late, report)
            let failed = ["missed", "invalid", "failed"].reduce(0) { $0 + status.number($1) }
            #expect(failed == counts.failed, report)
            #expect(status.number("cancelled") == 0, report)
            #expect(status.number("in_flight") == 0, report)
            #expect(status.reasons == counts.rejected, report)
        }
    }
}

/// The account of requests in one answer to `GET /v1/status`.
private struct Status {
    private let requests: [String: Int]
    /// Refusals by reason, without those that never happened.
    let reasons: [String: Int]

    init(of gateway: LiveGateway) async throws {
        let text = try await Self.get("\(gateway.url)/v1/status")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let told = try #require(object["requests"] as? [String: Any])
        requests = told.compactMapValues { $0 as? Int }
        reasons = try #require(told["rejected_by_reason"] as? [String: Int]).filter { $0.value > 0 }
    }

    /// The same account from the series of one scrape of `GET /metrics`.
    init(scraping gateway: LiveGateway) async throws {
        let samples = try await Self.get("\(gateway.url)/metrics").split(separator: "\n").filter { !$0.hasPrefix("#") }
        func sum(_ prefix: String, _ label: String = "") -> Int {
            samples.filter { $0.hasPrefix(prefix) && (label.isEmpty || $0.contains(label)) }
                .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
        }
        var numbers = ["received", "rejected", "admitted"].reduce(into: [String: Int]()) {
            $0[$1] = sum("gateway_\($1)_total ")
        }
        let outcomes = [
            ("in_time", "met"), ("late", "late"), ("missed", "missed"), ("invalid", "invalid"), ("failed", "error"),
            ("cancelled", "cancelled"),
        ]
        for (name, outcome) in outcomes {
            numbers[name] = sum("gateway_requests_total{", "outcome=\"\(outcome)\"")
        }
        numbers["in_flight"] = sum("gateway_in_flight ")
        requests = numbers
        let names = [
            "deadline", "uplink", "memory", "queue", "quota", "engine", "draining", "unauthorized", "forbidden",
            "unknown_model", "too_large", "invalid",
        ]
        reasons = names.reduce(into: [:]) { $0[$1] = sum("gateway_rejections_total{", "reason=\"\($1)\"") }
            .filter { $0.value > 0 }
    }

    private static func get(_ url: String) async throws -> String {
        let answer = try await LiveGatewayProcess.run(
            URL(filePath: "/usr/bin/env"),
            ["curl", "-sS", "--noproxy", "*", "--fail-with-body", url]
        )
        #expect(answer.status == 0, "\(answer.errorOutput)")
        return answer.output
    }

    func number(_ name: String) -> Int { requests[name] ?? -1 }

    /// The sums that do not hold.
    var faults: [String] {
        let ends = ["in_time", "late", "missed", "invalid", "failed", "cancelled", "in_flight"]
        let ended = ends.reduce(0) { $0 + number($1) }
        let sums = [
            ("received = rejected + admitted", number("received"), number("rejected") + number("admitted")),
            ("admitted = ends + in flight", number("admitted"), ended),
            ("rejected = reasons", number("rejected"), reasons.values.reduce(0, +)),
        ]
        return sums.filter { $0.1 != $0.2 }.map { "\($0.0): \($0.1) and \($0.2)" }
    }
}
