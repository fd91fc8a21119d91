internal import ServingCore
private import Synchronization

/// Settings that can change while the gateway runs, as the request path reads them.
final class LiveSettings: Sendable {
    private struct State {
        var requests: GatewayConfiguration.Requests
        var shutdown: GatewayConfiguration.Shutdown
    }

    private let state: Mutex<State>

    /// Takes the settings of the start.
    init(_ configuration: GatewayConfiguration) {
        state = Mutex(State(requests: configuration.requests, shutdown: configuration.shutdown))
    }

    /// What one request may ask for.
    var requests: GatewayConfiguration.Requests { state.withLock(\.requests) }

    /// How the server shuts down.
    var shutdown: GatewayConfiguration.Shutdown { state.withLock(\.shutdown) }

    /// Takes new settings; requests that were judged keep the old ones.
    func replace(by configuration: GatewayConfiguration) {
        state.withLock { $0 = State(requests: configuration.requests, shutdown: configuration.shutdown) }
    }
}
