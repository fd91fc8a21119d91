private import Dispatch
private import Foundation
internal import ServingCore
private import Synchronization

/// A thread that rings at the earliest time it was last asked for.
final class AlarmThread: Sendable {
    private struct State {
        var due = MonotonicInstant.distantFuture
        var isClosed = false
    }

    private let clock: @Sendable () -> MonotonicInstant
    private let state = Mutex(State())
    private let changed = DispatchSemaphore(value: 0)
    private let done = DispatchSemaphore(value: 0)

    /// Makes an alarm whose times are those of `clock`.
    init(clock: @escaping @Sendable () -> MonotonicInstant = { SystemMonotonicClock.now() }) {
        self.clock = clock
    }

    /// Starts the thread; `ring` is called on it at or soon after each time asked for.
    func start(name: String, ring: @escaping @Sendable () -> Void) {
        let thread = Thread { [self] in
            while waitUntilDue() { ring() }
            done.signal()
        }
        thread.start()
        // Foundation tells the kernel only the name of a thread that runs.
        thread.name = name
    }

    /// Asks for a ring at `time`, unless an earlier one is already asked for.
    func ring(at time: MonotonicInstant) {
        let isEarlier = state.withLock { state in
            guard time < state.due else { return false }
            state.due = time
            return true
        }
        if isEarlier { changed.signal() }
    }

    /// Ends the thread and waits for it.
    func stop() {
        state.withLock { $0.isClosed = true }
        changed.signal()
        done.wait()
    }

    /// True when it is time to ring, false when the thread shall end.
    private func waitUntilDue() -> Bool {
        while true {
            let now = clock()
            let (due, isClosed, isDue) = state.withLock { state in
                let isDue = state.due <= now
                if isDue { state.due = .distantFuture }
                return (state.due, state.isClosed, isDue)
            }
            if isClosed { return false }
            if isDue { return true }
            // DispatchTime follows the monotonic clock; a condition variable would follow the wall clock.
            let seconds = min(now.seconds(to: due), 3600)
            _ = changed.wait(timeout: .now() + seconds)
        }
    }
}
