internal import Dispatching
internal import ModelServing
internal import ServingCore
private import Synchronization

/// Ends the run that is meant and no other: an order to end one may cross with its end, or come before the executor began it.
final class RunSwitch: Sendable {
    private struct State {
        var current: OrderID?
        var ended: (order: OrderID, reason: ServingError)?
        var closing: ServingError?
    }

    private let state = Mutex(State())
    private let control: any RunControl

    /// Makes the switch of the runs that `control` bounds.
    init(_ control: any RunControl) {
        self.control = control
    }

    /// The executor begins an order.
    func begin(_ order: OrderID) {
        state.withLock { state in
            state.current = order
            // Only who ended something left the control so.
            guard control.isTerminated || state.ended != nil else { return }
            if state.closing != nil || state.ended?.order == order { return control.terminate() }
            state.ended = nil
            control.rearm()
        }
    }

    /// The executor is done with its order; returns why it was ended, nil where it was not.
    func end() -> ServingError? {
        state.withLock { state in
            defer { state.current = nil }
            guard control.isTerminated else { return nil }
            return state.ended?.order == state.current ? state.ended?.reason : state.closing
        }
    }

    /// Ends `order`, whose requests are told `reason`; does nothing where it is over.
    func terminate(_ order: OrderID, because reason: ServingError) {
        state.withLock { state in
            state.ended = (order, reason)
            if state.current == order { control.terminate() }
        }
    }

    /// Ends the order under way and each later one.
    func close(because reason: ServingError) {
        state.withLock { state in
            state.closing = reason
            control.terminate()
        }
    }
}
