private import Foundation
public import Logging

/// Writes log events as lines of text: time, level, label, metadata, module, message.
public struct LineLogHandler: LogHandler {
    /// The least severe level that is written, by this handler and all that share its threshold.
    public var logLevel: Logger.Level {
        get { threshold.level }
        set { threshold.level = newValue }
    }
    /// What stands in every line.
    public var metadata = Logger.Metadata()
    /// What each line is given beside it.
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let writer: LogWriter
    private let threshold: LogThreshold

    /// Writes lines of the logger `label` to `writer`, from the level of `threshold` upwards.
    public init(label: String, writer: LogWriter, threshold: LogThreshold = LogThreshold()) {
        self.threshold = threshold
        self.label = label
        self.writer = writer
    }

    /// The value of one metadata key.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one event.
    public func log(event: LogEvent) {
        var all = metadata
        all.merge(metadataProvider?.get() ?? [:]) { $1 }
        all.merge(event.metadata ?? [:]) { $1 }
        if let error = event.error { all["error.message"] = "\(error)" }
        let pairs = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        let line = "\(Self.time()) \(event.level) \(label):\(pairs) [\(event.source)] \(event.message)"
        writer.write(Self.oneLine(line))
    }

    /// What a client or a file name brings along must not look like a line of its own.
    static func oneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else { return text }
        return text.unicodeScalars.map { scalar in
            scalar.value < 0x20 || scalar.value == 0x7F ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }.joined()
    }

    private static func time() -> String {
        var seconds = Foundation.time(nil)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress,
                strftime(start, 64, "%Y-%m-%dT%H:%M:%S%z", &parts) > 0
            else { return "" }
            return String(cString: start)
        }
    }
}
