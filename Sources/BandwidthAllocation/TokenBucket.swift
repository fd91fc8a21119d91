public import ServingCore

/// Holds a flow of bytes to a rate, with time as a parameter.
///
/// Tokens are bytes. They come in at ``rate`` up to a store of ``burst`` worth of them, so a flow that was late by at most that
/// much catches up, and over any span it gets at most `rate * span + burst`.
public struct TokenBucket: Hashable, Sendable {
    /// The rate bytes may flow at.
    public private(set) var rate: BitsPerSecond
    /// How much of the rate may be stored while nothing flows.
    public let burst: Duration

    private var tokens = 0.0
    private var updated: MonotonicInstant

    /// Makes an empty bucket that fills at `rate` from `start` on.
    ///
    /// A rate that is negative or no number counts as zero: nothing ever flows.
    public init(rate: BitsPerSecond, burst: Duration = .milliseconds(50), startingAt start: MonotonicInstant) {
        self.rate = Self.sane(rate)
        self.burst = max(burst, .zero)
        updated = start
    }

    /// Changes the rate from `now` on; what is stored stays, as far as the new store has room.
    public mutating func setRate(_ newRate: BitsPerSecond, at now: MonotonicInstant) {
        refill(at: now)
        rate = Self.sane(newRate)
        tokens = min(tokens, capacity)
    }

    /// Takes as many of `wanted` bytes as may flow at `now` and says how many those are.
    public mutating func take(upTo wanted: Int, at now: MonotonicInstant) -> Int {
        refill(at: now)
        let granted = min(max(wanted, 0), Int(tokens))
        tokens -= Double(granted)
        return granted
    }

    /// How many bytes may flow at `now`.
    public func available(at now: MonotonicInstant) -> Int {
        var bucket = self
        bucket.refill(at: now)
        return Int(bucket.tokens)
    }

    /// When `count` bytes may flow at once, or `distantFuture` where they never will; counts beyond the store are cut to it.
    public func instant(holding count: Int) -> MonotonicInstant {
        let wanted = Double(max(count, 0))
        guard wanted > tokens else { return updated }
        guard rate.bytesPerSecond > 0 else { return .distantFuture }
        let missing = min(wanted, capacity) - tokens
        return updated.advanced(by: .clamping(seconds: missing / rate.bytesPerSecond))
    }

    /// The most tokens that are kept: at least one packet's, or a slow flow could never move.
    private var capacity: Double {
        rate.bytesPerSecond > 0 ? max(rate.bytesPerSecond * burst.inSeconds, 1500) : 0
    }

    private mutating func refill(at now: MonotonicInstant) {
        let elapsed = updated.seconds(to: now)
        guard elapsed > 0 else { return }
        tokens = min(tokens + rate.bytesPerSecond * elapsed, capacity)
        updated = now
    }

    /// The rate cut to what arithmetic on it can bear: 0 to 10^15 bit/s.
    private static func sane(_ rate: BitsPerSecond) -> BitsPerSecond {
        BitsPerSecond(rate.rawValue.isNaN ? 0 : min(max(rate.rawValue, 0), 1e15))
    }
}
