import ServingCore
import Synchronization

/// A clock that moves on by a millisecond each time it is asked.
final class TickingMilliseconds: Sendable {
    private let ticks = Mutex<Int64>(0)

    @Sendable func now() -> MonotonicInstant {
        ticks.withLock {
            $0 += 1
            return MonotonicInstant(nanoseconds: $0 * 1_000_000)
        }
    }
}
