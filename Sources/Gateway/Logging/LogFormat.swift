private import Foundation
internal import JSONCoding
internal import Logging
internal import ServingCore

/// How log lines are written.
public enum LogFormat: String, CaseIterable, Sendable {
    /// For people: time, level, label, fields, module, message.
    case text
    /// For programs: an object a line, with `time`, `level`, `logger`, `module`, `message`, and the fields by their names.
    case json

    /// The line of one event, without its end.
    func line(_ event: LogEvent, label: String, fields: Logger.Metadata) -> String {
        let sorted = fields.sorted { $0.key < $1.key }
        switch self {
        case .text:
            let pairs = sorted.map { " \($0.key)=\($0.value)" }.joined()
            return
                "\(Self.time("%Y-%m-%dT%H:%M:%S%z")) \(event.level) \(label):\(pairs) [\(event.source)] \(event.message)"
        case .json:
            return Self.json(event, label, sorted.map { ($0.key, "\($0.value)") })
        }
    }

    private static func json(_ event: LogEvent, _ label: String, _ fields: [(name: String, value: String)]) -> String {
        var writer = JSONWriter()
        let own = [
            ("time", time("%Y-%m-%dT%H:%M:%S%z")), ("level", event.level.rawValue), ("logger", label),
            ("module", event.source), ("message", "\(event.message)"),
        ]
        let taken = Set(own.map(\.0))
        writer.object { writer in
            for (name, value) in own { writer.member(name, value) }
            // No name stands twice in an object.
            for (name, value) in fields { writer.member(taken.contains(name) ? name + "_" : name, value) }
        }
        return writer.finish().withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// The time now by a format of `strftime`.
    private static func time(_ format: String) -> String {
        var seconds = Foundation.time(nil)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress, strftime(start, 64, format, &parts) > 0 else { return "" }
            return String(cString: start)
        }
    }
}
