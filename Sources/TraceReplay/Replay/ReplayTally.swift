import Histogram

/// Counts requests as they end.
struct ReplayTally {
    private(set) var report = ReplayReport()
    /// In microseconds.
    private var latency = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
    private var refusal = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
    private var startDelay = Histogram<UInt64>(numberOfSignificantValueDigits: .three)

    /// Requests that have ended.
    private(set) var ended = 0

    /// Counts a request whose time has come.
    mutating func send(model: String) {
        report.counts.sent += 1
        report.perModel[model, default: .init()].sent += 1
    }

    /// Counts how late this program itself was, in seconds.
    mutating func start(after delay: Double) { startDelay.record(Self.microseconds(delay)) }

    /// Counts the end of a request, which sent so many bytes of its body; times in seconds, from its arrival in the
    /// trace and from the sending of its head.
    mutating func end(
        _ outcome: ReplayOutcome,
        model: String,
        sentBytes: Int,
        sinceArrival: Double,
        sinceStart: Double
    ) {
        ended += 1
        report.counts.add(outcome)
        report.perModel[model, default: .init()].add(outcome)
        report.bytesSent += sentBytes
        if outcome != .inTime { report.bytesWasted += sentBytes }
        switch outcome {
        case .inTime, .late: latency.record(Self.microseconds(sinceArrival))
        case .rejected: refusal.record(Self.microseconds(sinceStart))
        case .refusedLate, .failed, .cancelled: break
        }
    }

    /// The report after `duration` seconds.
    func finished(after duration: Double) -> ReplayReport {
        var report = report
        report.duration = duration
        report.latency = Self.percentiles(of: latency)
        report.refusal = Self.percentiles(of: refusal)
        report.startDelay = Self.percentiles(of: startDelay)
        return report
    }

    private static func microseconds(_ seconds: Double) -> UInt64 { UInt64(max(0, min(seconds, 1e6)) * 1e6) }

    private static func percentiles(of histogram: Histogram<UInt64>) -> ReplayReport.Percentiles? {
        guard histogram.totalCount > 0 else { return nil }
        let value = { Double(histogram.valueAtPercentile($0)) / 1000 }
        return .init(p50: value(50), p90: value(90), p99: value(99), max: Double(histogram.maxRecorded) / 1000)
    }
}

extension ReplayReport.Counts {
    fileprivate mutating func add(_ outcome: ReplayOutcome) {
        switch outcome {
        case .inTime: inTime += 1
        case .late: late += 1
        case .rejected(let reason): rejected[reason.rawValue, default: 0] += 1
        case .refusedLate:
            failed += 1
            refusedLate += 1
        case .failed: failed += 1
        case .cancelled: cancelled += 1
        }
    }
}
