public import ServingCore
import Synchronization

/// A clock on which a fixed time passes between two looks at it.
public final class TickingClock: Sendable {
    private let step: Duration
    private let looks = Mutex(0)

    /// Makes a clock that goes on by `step` with every look.
    public init(step: Duration) {
        self.step = step
    }

    /// Now.
    public func now() -> MonotonicInstant {
        looks.withLock { looks in
            looks += 1
            return .origin.advanced(by: step * looks)
        }
    }
}
