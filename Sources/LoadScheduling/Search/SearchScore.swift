/// What a plan is worth: served weight, then seconds, then bytes.
struct SearchScore: Sendable {
    var weight: Double
    var end: Double
    var bytes: Int

    /// Whether this is better than `other`.
    func isBetter(than other: SearchScore) -> Bool {
        if abs(weight - other.weight) > 1e-9 * max(1, abs(weight)) { return weight > other.weight }
        if abs(end - other.end) > 1e-9 { return end < other.end }
        return bytes < other.bytes
    }
}

/// What time and uplink count against served weight while the search weighs one place against another.
struct SearchPrices: Sendable {
    /// Weight per second of load and inference.
    var second = 0.0
    /// Weight per hertz of share.
    var hertz = 0.0
}
