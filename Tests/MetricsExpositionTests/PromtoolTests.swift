import Foundation
import MetricsExposition
import TestSupport
import Testing

/// The text as Prometheus' own checker sees it.
struct PromtoolTests {
    /// Where `make setup-test` unpacks it, else where Debian's package has it.
    private static let path = {
        let unpacked = LiveGatewayPaths.root.appending(path: ".deps/bin/promtool").path
        return FileManager.default.isExecutableFile(atPath: unpacked) ? unpacked : "/usr/bin/promtool"
    }()

    private func registry() -> MetricRegistry {
        let registry = MetricRegistry()
        let requests = registry.counter("gateway_requests_total", help: "Requests by model and outcome.")
        requests.labelled([("model", "a\"b\\c\nd"), ("outcome", "met")]).increment()
        requests.labelled([("model", "digits"), ("outcome", "late")]).increment(by: 12)
        registry.gauge("gateway_accelerator_memory_bytes", help: "Bytes \\ by kind.\nTwo lines.") {
            [LabelledValue([("kind", "used")], 1e9), LabelledValue([("kind", "limit")], 2e9)]
        }
        registry.counter("gateway_block_hits_total", help: "Blocks found in memory.") { [LabelledValue([], 5)] }
        let slack = registry.histogram(
            "gateway_deadline_slack_seconds",
            help: "Time left at the deadline.",
            buckets: .differenceSeconds
        )
        slack.labelled([("model", "digits")]).observe(-0.02)
        registry.histogram("gateway_stage_duration_seconds", help: "Stages.").labelled([("stage", "load")]).observe(0.3)
        return registry
    }

    @Test func `promtool finds nothing to complain about`() throws {
        try #require(
            FileManager.default.isExecutableFile(atPath: Self.path),
            "promtool is missing: install the Debian package prometheus (make setup does)"
        )
        var text: [UInt8] = []
        registry().emit(into: &text)
        let (status, output) = try check(text)
        #expect(status == 0, "\(output)")
        #expect(output.isEmpty)
    }

    @Test func `promtool would complain about a broken text`() throws {
        try #require(FileManager.default.isExecutableFile(atPath: Self.path), "promtool is missing")
        let (status, _) = try check(Array("# TYPE a counter\na{b=\"c} 1\n".utf8))
        #expect(status != 0)
    }

    private func check(_ text: [UInt8]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = ["check", "metrics"]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text))
        try input.fileHandleForWriting.close()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
