private import Foundation

extension ReplayReport: CustomStringConvertible {
    /// The report for people, a line for each thing.
    public var description: String {
        let rejected = counts.rejected.filter { $0.value > 0 }.sorted { $0.key < $1.key }
            .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return [
            "requests      \(counts.sent) in \(Self.number(duration)) s",
            "in time       \(counts.inTime), \(Self.number(deadlineMet * 100)) %, goodput \(Self.number(goodput))/s",
            "late          \(counts.late)",
            "refused       \(counts.rejectedTotal)" + (rejected.isEmpty ? "" : ": \(rejected)"),
            "failed        \(counts.failed), \(counts.refusedLate) of them told that they were too late",
            "given up      \(counts.cancelled)",
            "latency       \(Self.text(latency))",
            "refusal       \(Self.text(refusal))",
            "start delay   \(Self.text(startDelay))",
            "bytes         \(bytesSent) sent, \(bytesWasted) of them wasted",
        ].joined(separator: "\n")
    }

    private static func text(_ percentiles: Percentiles?) -> String {
        guard let percentiles else { return "-" }
        return "p50 \(number(percentiles.p50)) ms, p90 \(number(percentiles.p90)) ms, "
            + "p99 \(number(percentiles.p99)) ms, max \(number(percentiles.max)) ms"
    }

    private static func number(_ value: Double) -> String { String(format: "%.2f", value) }
}
