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
    private let format: LogFormat

    /// Writes lines of the logger `label` to `writer`, from the level of `threshold` upwards.
    public init(
        label: String,
        writer: LogWriter,
        threshold: LogThreshold = LogThreshold(),
        format: LogFormat = .text
    ) {
        self.format = format
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
        writer.write(Self.oneLine(format.line(event, label: label, fields: all)))
    }

    /// What a client or a file name brings along must not look like a line of its own.
    static func oneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else { return text }
        return text.unicodeScalars.map { scalar in
            scalar.value < 0x20 || scalar.value == 0x7F ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }.joined()
    }
}
