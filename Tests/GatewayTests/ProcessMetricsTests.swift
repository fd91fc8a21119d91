import MetricsExposition
import Testing

@testable import Gateway

/// What the kernel tells of the process.
struct ProcessMetricsTests {
    @Test func `A name that holds parentheses and spaces does not hide the numbers behind it`() throws {
        let fields = (3...30).map { $0 == 3 ? "S" : String($0) }.joined(separator: " ")
        let stat = try #require(ProcessMetrics.Stat("7 (a) name (b) \(fields)\n"))
        #expect(stat.userTicks == 14 && stat.systemTicks == 15 && stat.threads == 20)
        #expect(stat.virtualBytes == 23 && stat.residentPages == 24)
        #expect(ProcessMetrics.Stat("7 (a) S 1 2") == nil)
        #expect(ProcessMetrics.Stat("") == nil)
    }

    @Test func `This process has every series, above zero`() {
        let registry = MetricRegistry()
        ProcessMetrics.register(in: registry)
        var text: [UInt8] = []
        registry.emit(into: &text)
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count == 7)
        for line in lines where !line.contains("cpu") {
            #expect((line.split(separator: " ").last.flatMap { Double($0) } ?? 0) > 0, "\(line)")
        }
    }
}
