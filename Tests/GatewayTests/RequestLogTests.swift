import HTTPTransport
import Logging
import ServingCore
import Synchronization
import Testing

@testable import Gateway

struct RequestLogTests {
    private let lines = LineCollector()
    private let model = ModelID(name: "m", version: 1)
    private let head = RequestHead(method: "POST", path: "/")

    private func log(_ level: Logger.Level) -> RequestLog {
        var logger = Logger(label: "test") { [lines] _ in CollectingHandler(lines: lines) }
        logger.logLevel = level
        return RequestLog(logger) { .origin }
    }

    @Test func `A request that the gateway fails is a warning with model, code and reason`() {
        let error = ServingError(.engineFailed, "out of range")
        log(.info).ended(RequestID(rawValue: 7), head, model: model, .error, error)
        #expect(lines.all.count == 1)
        #expect(lines.all.first?.level == .warning && lines.all.first?.message == "a request failed")
        let fields = lines.all.first?.metadata ?? [:]
        #expect(fields == ["request": "7", "model": "m:1", "code": "engine_failed", "problem": "out of range"])
    }

    @Test func `What the client calls a request stands in its line`() {
        let fields = [
            ("x-request-id", "a-7"), ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ]
        let named = RequestHead(method: "POST", path: "/", headers: HeaderFields(fields))
        log(.info).ended(RequestID(rawValue: 7), named, model: model, .late, nil)
        let found = lines.all.first?.metadata ?? [:]
        #expect(found["client_request"] == "a-7" && found["trace"] == "4bf92f3577b34da6a3ce929d0e0e4736")
    }

    @Test func `Equal failures are one line`() {
        let log = log(.info)
        for id in 1...50 as ClosedRange<UInt64> {
            log.ended(RequestID(rawValue: id), head, model: model, .error, ServingError(.engineFailed, "it failed"))
        }
        #expect(lines.all.count == 1)
    }

    @Test func `Refusals and clients' faults are told at debug alone`() {
        for level in [Logger.Level.info, .debug] {
            let log = log(level)
            log.refused(RequestID(rawValue: 1), head, model: nil, ServingError(.unknownModel, "no such model"))
            log.ended(RequestID(rawValue: 2), head, model: model, .invalid, ServingError(.malformedJSON, "not JSON"))
            log.ended(RequestID(rawValue: 3), head, model: model, .cancelled, nil)
            log.ended(RequestID(rawValue: 4), head, model: model, .met, nil)
            #expect(lines.all.count == (level == .info ? 0 : 3))
        }
    }
}

/// What was logged.
private final class LineCollector: Sendable {
    struct Line {
        let level: Logger.Level
        let message: String
        let metadata: [String: String]
    }

    private let lines = Mutex<[Line]>([])

    var all: [Line] { lines.withLock { $0 } }

    func add(_ line: Line) { lines.withLock { $0.append(line) } }
}

private struct CollectingHandler: LogHandler {
    let lines: LineCollector
    var metadata = Logger.Metadata()
    var logLevel = Logger.Level.trace

    init(lines: LineCollector) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).mapValues { "\($0)" }
        lines.add(LineCollector.Line(level: event.level, message: "\(event.message)", metadata: fields))
    }
}
