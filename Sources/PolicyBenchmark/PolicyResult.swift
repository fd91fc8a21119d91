/// One point of the comparison.
struct Setting: Codable, Hashable {
    /// What the table calls it.
    var name: String
    /// Times the base load.
    var load: Double
    /// Requests a second.
    var rate: Double
    /// Which of the traces at this load.
    var round: Int
}

/// What `gateway replay` reported.
struct ReplayFigures: Codable {
    struct Percentiles: Codable {
        var p50: Double
        var p90: Double
        var p99: Double
        var max: Double
    }

    var sent: Int
    var inTime: Int
    var late: Int
    var failed: Int
    var refusedLate: Int
    var cancelled: Int
    var rejected: [String: Int]
    var bytesSent: Int
    var bytesWasted: Int
    var durationS: Double
    var goodputPerS: Double
    var latencyMs: Percentiles?
    var refusalMs: Percentiles?
    var startDelayMs: Percentiles?

    var admitted: Int { sent - rejected.values.reduce(0, +) }
}

/// What the gateway said of itself at the end.
struct ServerFigures: Codable {
    struct Requests: Codable {
        var received: Int
        var rejected: Int
        var admitted: Int
        var inTime: Int
        var late: Int
        var failed: Int
        var cancelled: Int
        var inFlight: Int
    }
    struct Errors: Codable {
        var count: Int
        var median: Double?
        var p90: Double?
    }
    struct Estimates: Codable {
        var load: Errors
        var compute: Errors
    }
    struct Blocks: Codable {
        var hits: Int
        var misses: Int
        var loadedBytes: Int
        var reusedBytes: Int
    }
    struct Planning: Codable {
        var batches: Int
        var plansAdopted: Int
        var plansDiscarded: Int
    }

    var requests: Requests
    var estimateErrors: Estimates
    var blocks: Blocks
    var planning: Planning
}

/// What one trace came to under one policy.
struct PolicyResult: Codable {
    var policy: String
    var setting: Setting
    var client: ReplayFigures
    var server: ServerFigures
    /// Seconds from head to refusal that the gateway itself counted 99 in 100 refusals below; nil without refusals.
    var ownRefusalP99: Double?
    /// CPU of the planner's thread, as a part of one core.
    var plannerShare: Double
    /// CPU of the whole gateway, in cores.
    var processorShare: Double

    /// Whether both sides counted the same: received, refused, admitted, and how the admitted ones ended.
    ///
    /// Whom the client gives up while the answer is on its way, the client counts as cancelled, the gateway as answered late.
    var ledgersAgree: Bool {
        let (mine, its) = (client, server.requests)
        let crossed = mine.cancelled - its.cancelled
        return its.received == mine.sent && its.admitted == mine.admitted
            && its.inTime + its.late == mine.inTime + mine.late + crossed && its.failed == mine.failed
            && crossed >= 0 && its.inFlight == 0
    }

    /// The line that is printed when it is there.
    var line: String {
        "\(setting.name) \(policy): \(client.inTime) of \(client.sent) in time, "
            + "\(client.admitted - client.inTime) of \(client.admitted) admitted not, batches \(server.planning.batches), "
            + "loaded \(server.blocks.loadedBytes / 1_000_000) MB, \(Figure.fixed(processorShare, 2)) cores"
            + (client.refusalMs.map { ", refusals p99 \(Figure.milliseconds($0.p99))" } ?? "")
            + (ownRefusalP99.map { " (gateway: below \(Figure.milliseconds($0 * 1e3)))" } ?? "")
            + (ledgersAgree ? "" : ", the client's account and the gateway's DIFFER")
    }
}

/// All that was measured.
struct PolicyFigures: Codable {
    /// Requests a second where lru begins to miss.
    var baseRate = 0.0
    var results: [PolicyResult] = []

    /// The load from which on a load means so many times the capacity of `partial`, not of `lru`.
    static let overload = 10.0

    /// The rate of a load: times the base, or, for an overload, times the best goodput `partial` has shown.
    func rate(at load: Double) -> Double {
        load * (load < Self.overload ? baseRate : max(baseRate, peakGoodput(of: "partial") ?? 0))
    }

    /// The best goodput of a policy.
    func peakGoodput(of policy: String) -> Double? {
        results.filter { $0.policy == policy }.map(\.client.goodputPerS).max()
    }
}
