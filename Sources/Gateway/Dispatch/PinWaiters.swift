internal import ServingCore
private import Synchronization

/// Those who wait for a model to be pinned or unpinned.
final class PinWaiters: Sendable {
    /// Called once with what went wrong, or nil.
    typealias Waiter = @Sendable (ServingError?) -> Void

    private struct State {
        var pins: [ModelID: [Waiter]] = [:]
        var unpins: [ModelID: [Waiter]] = [:]
    }
    private let state = Mutex(State())

    /// Calls `waiter` when the next answer about pinning `model` comes.
    func wait(for model: ModelID, _ waiter: @escaping Waiter) {
        state.withLock { $0.pins[model, default: []].append(waiter) }
    }

    /// Calls `waiter` when `model` is unpinned.
    func waitForUnpin(of model: ModelID, _ waiter: @escaping Waiter) {
        state.withLock { $0.unpins[model, default: []].append(waiter) }
    }

    /// Tells everybody who waits that `model` is pinned, or why it is not.
    func pinned(_ model: ModelID, _ error: ServingError?) {
        let waiters = state.withLock { $0.pins.removeValue(forKey: model) ?? [] }
        for waiter in waiters { waiter(error) }
    }

    /// Tells everybody who waits that `model` is unpinned.
    func unpinned(_ model: ModelID) {
        let waiters = state.withLock { $0.unpins.removeValue(forKey: model) ?? [] }
        for waiter in waiters { waiter(nil) }
    }
}
