public import JSONCoding

/// What a replay found: every request of the trace counted once, as its client saw it.
///
/// sent = inTime + late + failed + cancelled + the sum of rejected.
public struct ReplayReport: Equatable, Sendable {
    /// The counts of all requests, or of one model's.
    public struct Counts: Equatable, Sendable {
        /// Requests whose time had come.
        public internal(set) var sent = 0
        /// Answered 200 within their timeout.
        public internal(set) var inTime = 0
        /// Answered 200 after it.
        public internal(set) var late = 0
        /// Answered otherwise after they were admitted, or not at all.
        public internal(set) var failed = 0
        /// Those of them that were told so: the gateway saw that their deadline could not be met.
        public internal(set) var refusedLate = 0
        /// Given up by this client.
        public internal(set) var cancelled = 0
        /// Refused at their head, by reason.
        public internal(set) var rejected: [String: Int] = [:]

        /// All refusals.
        public var rejectedTotal: Int { rejected.values.reduce(0, +) }
    }

    /// Percentiles in milliseconds; nil where nothing was measured.
    public struct Percentiles: Equatable, Sendable {
        /// Half took no longer.
        public internal(set) var p50: Double
        /// Nine in ten took no longer.
        public internal(set) var p90: Double
        /// All but one in a hundred took no longer.
        public internal(set) var p99: Double
        /// The longest.
        public internal(set) var max: Double
    }

    /// All requests.
    public internal(set) var counts = Counts()
    /// The same for each model.
    public internal(set) var perModel: [String: Counts] = [:]
    /// Body bytes handed to the system.
    public internal(set) var bytesSent = 0
    /// Those of them for requests that were not answered in time.
    public internal(set) var bytesWasted = 0
    /// From the first arrival to the last end, in seconds.
    public internal(set) var duration = 0.0
    /// From arrival to answer, of those answered 200.
    public internal(set) var latency: Percentiles?
    /// From the sending of the head to the refusal, of those refused.
    public internal(set) var refusal: Percentiles?
    /// From arrival to the sending of the head: how late this program was itself.
    public internal(set) var startDelay: Percentiles?

    /// Requests answered in time, a second.
    public var goodput: Double { duration > 0 ? Double(counts.inTime) / duration : 0 }

    /// The part of all requests that was answered in time.
    public var deadlineMet: Double { counts.sent > 0 ? Double(counts.inTime) / Double(counts.sent) : 0 }
}

extension ReplayReport: JSONWritable {
    /// Writes the report's object; see <doc:Traces>.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            write(counts, to: &writer)
            writer.member("bytes_sent", bytesSent)
            writer.member("bytes_wasted", bytesWasted)
            writer.member("duration_s", orNull: duration)
            writer.member("goodput_per_s", orNull: goodput)
            writer.member("deadline_met", orNull: deadlineMet)
            write("latency_ms", latency, to: &writer)
            write("refusal_ms", refusal, to: &writer)
            write("start_delay_ms", startDelay, to: &writer)
            writer.key("per_model")
            writer.object { writer in
                for (model, counts) in perModel.sorted(by: { $0.key < $1.key }) {
                    writer.key(model)
                    writer.object { write(counts, to: &$0) }
                }
            }
        }
    }

    private func write(_ counts: Counts, to writer: inout JSONWriter) {
        writer.member("sent", counts.sent)
        writer.member("in_time", counts.inTime)
        writer.member("late", counts.late)
        writer.member("failed", counts.failed)
        writer.member("refused_late", counts.refusedLate)
        writer.member("cancelled", counts.cancelled)
        writer.key("rejected")
        writer.object { writer in
            for reason in ReplayOutcome.Rejection.allCases.map(\.rawValue) {
                writer.member(reason, counts.rejected[reason] ?? 0)
            }
        }
    }

    private func write(_ name: String, _ percentiles: Percentiles?, to writer: inout JSONWriter) {
        writer.key(name)
        guard let percentiles else { return writer.null() }
        writer.object { writer in
            writer.member("p50", orNull: percentiles.p50)
            writer.member("p90", orNull: percentiles.p90)
            writer.member("p99", orNull: percentiles.p99)
            writer.member("max", orNull: percentiles.max)
        }
    }
}
