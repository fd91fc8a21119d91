import ServingCore

/// A store of tokens that come in at a constant rate, up to a capacity, with time as a parameter.
///
/// An amount larger than the capacity needs a full store and leaves a debt, so that it passes and the rate still holds.
struct QuotaBucket: Hashable, Sendable {
    private let rate: Double
    /// The most tokens that are kept.
    let capacity: Double
    /// The tokens there are; negative while a debt is paid off.
    private(set) var tokens: Double
    private var updated: MonotonicInstant

    /// A full store that gets `rate` tokens a second and holds `burst` worth of them, at least one.
    init(rate: Double, burst: Duration, at now: MonotonicInstant) {
        self.rate = rate
        capacity = max(rate * burst.inSeconds, 1)
        tokens = capacity
        updated = now
    }

    /// Takes in what has come since the last time.
    mutating func refill(at now: MonotonicInstant) {
        let elapsed = updated.seconds(to: now)
        guard elapsed > 0 else { return }
        tokens = min(tokens + rate * elapsed, capacity)
        updated = now
    }

    /// How long until `amount` may be taken; nil: now.
    func wait(for amount: Double) -> Duration? {
        let missing = min(amount, capacity) - tokens
        guard missing > 0 else { return nil }
        return .clamping(seconds: rate > 0 ? missing / rate : 1e9)
    }

    /// How long an empty store takes to be full.
    var window: Duration { .clamping(seconds: rate > 0 ? capacity / rate : 1e9) }

    /// Takes an amount, or gives back a negative one.
    mutating func take(_ amount: Double) { tokens = min(tokens - amount, capacity) }
}
