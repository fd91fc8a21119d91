import LoadScheduling
import ServingCore

/// The timed events the dispatcher waits for, in seconds.
struct WakeState: Sendable {
    /// The wake asked for last.
    var scheduled = Double.infinity
    /// When the next waiting request can no longer be done.
    var nextExpiry = Double.infinity
    /// When the next parked request can no longer be done, or earlier.
    var parkedExpiry = Double.infinity
    /// Whether ``nextExpiry`` may be too late.
    var isExpiryDirty = true
    /// When a batch that waits for uploads starts without them, or a pin loses patience.
    var retry = Double.infinity
}

extension Dispatcher {
    /// Asks for a tick at the next timed event, where none is coming that early.
    mutating func requestWake(_ actions: inout [DispatchAction]) {
        let next = min(
            min(wake.nextExpiry, wake.retry),
            min(uploads.nextSolve, planning.askAt),
            accelerator.nextOverdue
        )
        guard next.isFinite, next < wake.scheduled || wake.scheduled <= state.now else { return }
        wake.scheduled = next
        actions.append(.wake(at: Self.instant(next)))
    }
}
