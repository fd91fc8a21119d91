import Synchronization

/// Ends a replay before its trace does; what was done so far is still reported.
public final class ReplayInterruption: Sendable {
    private struct State {
        var isInterrupted = false
        var act: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// A replay that nobody has interrupted yet.
    public init() {}

    /// Whether the replay was interrupted.
    public var isInterrupted: Bool { state.withLock { $0.isInterrupted } }

    /// Interrupts the replay, now or when it begins; from any thread.
    public func interrupt() {
        let act = state.withLock { state in
            state.isInterrupted = true
            return state.act.take()
        }
        act?()
    }

    /// Calls `act` once when the replay is interrupted, at once where it was.
    func whenInterrupted(_ act: @escaping @Sendable () -> Void) {
        let isInterrupted = state.withLock { state in
            if !state.isInterrupted { state.act = act }
            return state.isInterrupted
        }
        if isInterrupted { act() }
    }
}
