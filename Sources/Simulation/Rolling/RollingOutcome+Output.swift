private import Foundation
public import JSONCoding
import ServingCore

extension RollingOutcome: JSONWritable {
    /// Writes the counts under the names `gateway replay` gives them.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("sent", sent)
            writer.member("in_time", inTime)
            writer.member("late", late)
            writer.member("failed", failed)
            writer.member("failed_uploading", failedUploading)
            writer.member("refused", refusedTotal)
            writer.member("duration_s", orNull: duration)
            writer.member("deadline_met", orNull: inTimeShare)
            writer.member("mean_waiting_ms", orNull: meanWaiting.map { 1000 * $0 } ?? .nan)
            writer.member("batches", batches)
            writer.member("loaded_bytes", loadedBytes)
            writer.member("reused_bytes", reusedBytes)
            writer.member("executor_utilisation", orNull: executorUtilisation)
            writer.member("loader_utilisation", orNull: loaderUtilisation)
        }
    }
}

extension RollingOutcome: CustomStringConvertible {
    /// For people, a line for each thing.
    public var description: String {
        let reasons = refused.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) \($0.value)" }
        return [
            "requests      \(sent) in \(Self.number(duration)) s",
            "in time       \(inTime), \(Self.number(100 * inTimeShare)) %",
            "late          \(late)",
            "refused       \(refusedTotal)" + (reasons.isEmpty ? "" : ": \(reasons.joined(separator: ", "))"),
            "failed        \(failed), \(failedUploading) of them while they were uploaded",
            "waiting       " + (meanWaiting.map { "\(Self.number(1000 * $0)) ms on average" } ?? "-"),
            "batches       \(batches), executor at work \(Self.number(100 * executorUtilisation)) % of the time",
            "loaded        \(loadedBytes) bytes, \(reusedBytes) reused, loader at work "
                + "\(Self.number(100 * loaderUtilisation)) % of the time",
        ].joined(separator: "\n")
    }

    private static func number(_ value: Double) -> String { String(format: "%.2f", value) }
}
