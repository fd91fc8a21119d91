import ServingCore

/// Refusals in words.
enum Refusal {
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

    static func deadline(_ estimate: LatencyBreakdown, deadline: Duration) -> ServingError {
        ServingError(
            .deadlineUnreachable,
            "\(inWords(estimate)), but the deadline is \(milliseconds(deadline)) away",
            breakdown: estimate,
            deadline: deadline
        )
    }

    static func uplink(_ estimate: LatencyBreakdown, deadline: Duration, retryAfter: Double) -> ServingError {
        ServingError(
            .uplinkUnavailable,
            "the uplink cannot carry the body in time for a deadline \(milliseconds(deadline)) away",
            retryAfter: retryAfter > 0 ? .rounding(seconds: retryAfter) : nil,
            breakdown: estimate,
            deadline: deadline
        )
    }

    private static func inWords(_ estimate: LatencyBreakdown) -> String {
        let total = estimate.upload + estimate.wait + estimate.load + estimate.compute
        return "needs about \(milliseconds(total)) (upload \(milliseconds(estimate.upload)), "
            + "wait \(milliseconds(estimate.wait)), load \(milliseconds(estimate.load)), "
            + "compute \(milliseconds(estimate.compute)))"
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
