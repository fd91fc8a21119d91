import ServingCore

/// Finds answers whose client takes too little of them, from looks at how many bytes it has acknowledged.
///
/// Progress is asked of each window of time by itself: what a client took earlier buys it no time to take nothing.
struct AnswerWatch: Sendable {
    private var window: (start: MonotonicInstant, taken: UInt64)?

    /// Whether the client took less in the window that ends now than the least rate asks for; one byte is asked at least.
    ///
    /// `taken` counts all bytes that the client has acknowledged; it is asked at the first look and at the end of each window.
    mutating func isStuck(
        at now: MonotonicInstant,
        window length: Duration,
        leastBytesPerSecond: Int,
        taken: () -> UInt64?
    ) -> Bool {
        guard let window else {
            self.window = taken().map { (now, $0) }
            return false
        }
        let span = window.start.duration(to: now)
        guard span >= length, let taken = taken() else { return false }
        self.window = (now, taken)
        let least = max(1, Double(leastBytesPerSecond) * span.inSeconds)
        return Double(taken &- window.taken) < least
    }
}
