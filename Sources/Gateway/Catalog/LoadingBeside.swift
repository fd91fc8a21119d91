internal import ServingCore
private import Synchronization

/// Who loads beside batches, and for how long: shared by the thread that runs batches and the one that loads.
///
/// A gateway's loader sleeps until the end of a batch or an upload brings an order, and a thread wakes near the one that wakes it: how
/// loads and batches share the processors depends on that. So it is woken at the beginning of a batch, and sleeps again once it has
/// carried out the order during which a batch ended.
final class LoadingBeside: Sendable {
    fileprivate struct State {
        var batchEnds = 0
        var busy = Duration.zero
        var busySince: MonotonicInstant?
        var isOver = false
    }

    private let state = Mutex(State())

    /// A batch begins at `now`: whether the loader sleeps and is to be woken, and how long it has loaded so far.
    func batchBegins(at now: MonotonicInstant) -> (wakes: Bool, busy: Duration) {
        state.withLock { state in
            let wakes = state.busySince == nil
            if wakes { state.busySince = now }
            return (wakes, state.busy(at: now))
        }
    }

    /// A batch ends at `now`: how long the loader has loaded so far.
    func batchEnds(at now: MonotonicInstant) -> Duration {
        state.withLock { state in
            state.batchEnds += 1
            return state.busy(at: now)
        }
    }

    /// How many batches have ended.
    var endedBatches: Int { state.withLock { $0.batchEnds } }

    /// Whether the loader goes on at `now` after an order that began when `endedBatches` had ended; else it sleeps from `now` on.
    func goesOn(after endedBatches: Int, at now: MonotonicInstant) -> Bool {
        state.withLock { state in
            guard state.isOver || state.batchEnds > endedBatches else { return true }
            state.busy = state.busy(at: now)
            state.busySince = nil
            return false
        }
    }

    /// The last batch is over.
    func end() { state.withLock { $0.isOver = true } }
}

extension LoadingBeside.State {
    fileprivate func busy(at now: MonotonicInstant) -> Duration {
        busy + (busySince.map { max($0.duration(to: now), .zero) } ?? .zero)
    }
}
