import ServingCore

/// Refusals in words.
struct Refusal {
    /// What the request's time would have gone into.
    var estimate: LatencyBreakdown
    /// The deadline asked for, from now.
    var deadline: Duration
    /// The earliest deadline that would do, from now; nil where none is known.
    var earliest: Duration?

    static func queueFull(_ queued: Int, retryAfter: Double) -> ServingError {
        ServingError(
            .queueFull,
            "\(queued) requests wait already, which is as many as may",
            retryAfter: .rounding(seconds: max(retryAfter, 0))
        )
    }

    static func memory(needed: Int, limit: Int) -> ServingError {
        ServingError(
            .memoryUnavailable,
            "the model and what is pinned need \(needed) bytes of accelerator memory, of which there are \(limit)"
        )
    }

    /// The deadline is in the way.
    var ofDeadline: ServingError {
        ServingError(
            .deadlineUnreachable,
            "\(estimateInWords), but \(deadlineInWords)\(earliestInWords)",
            breakdown: estimate,
            deadline: deadline,
            earliestDeadline: earliest
        )
    }

    /// The uplink is in the way.
    func ofUplink(retryAfter: Double) -> ServingError {
        ServingError(
            .uplinkUnavailable,
            "the uplink cannot carry the body in time: \(deadlineInWords)\(earliestInWords)",
            retryAfter: retryAfter > 0 ? .rounding(seconds: retryAfter) : nil,
            breakdown: estimate,
            deadline: deadline,
            earliestDeadline: earliest
        )
    }

    private var deadlineInWords: String {
        deadline > .zero ? "the deadline is \(Self.milliseconds(deadline)) away" : "the deadline has passed"
    }

    private var earliestInWords: String {
        earliest.map { "; \(Self.milliseconds($0 + .nanoseconds(99_999))) would do" } ?? ""
    }

    private var estimateInWords: String {
        let total = estimate.upload + estimate.wait + estimate.load + estimate.compute
        return "needs about \(Self.milliseconds(total)) (upload \(Self.milliseconds(estimate.upload)), "
            + "wait \(Self.milliseconds(estimate.wait)), load \(Self.milliseconds(estimate.load)), "
            + "compute \(Self.milliseconds(estimate.compute)))"
    }

    /// Milliseconds with one decimal: `12.3 ms`.
    private static func milliseconds(_ duration: Duration) -> String {
        let tenths = duration.clampedNanoseconds / 100_000
        return "\(tenths < 0 ? "-" : "")\((tenths / 10).magnitude).\((tenths % 10).magnitude) ms"
    }
}

extension Duration {
    /// A duration of `seconds` to the nanosecond, clamped to a century; cheaper than `Duration.seconds(Double)`.
    static func rounding(seconds: Double) -> Duration {
        guard !seconds.isNaN else { return .zero }
        return .nanoseconds(Int64(min(max(seconds, -3e9), 3e9) * 1e9))
    }
}
