import Dispatch
import Foundation
import Gateway
import Logging
import ServiceLifecycle
import Synchronization

/// Carries out what the signals that come to `gateway serve` ask for.
final class ServeSignals: Sendable {
    private struct State {
        var stages = SignalStages()
        var service: GatewayService?
        var group: ServiceGroup?
        /// Reads the settings again.
        var read: (@Sendable () throws -> ConfigurationLoader)?
        var isHurried = false
    }

    private let logger: Logger
    private let state = Mutex(State())
    private let listener = Mutex<SignalListener?>(nil)

    /// How long a hurried end may take before the process is ended whatever it does.
    private static let hurriedSeconds = 2.0

    /// Listens from now on.
    init(logger: Logger) {
        self.logger = logger
        let made = SignalListener(SignalStages.caught) { [self] in handle($0) }
        listener.withLock { $0 = made }
    }

    /// What is asked to hurry, to drain, and to reload what `read` gives, once it serves.
    func prepare(
        _ service: GatewayService,
        in group: ServiceGroup,
        read: @escaping @Sendable () throws -> ConfigurationLoader
    ) {
        state.withLock {
            $0.read = read
            $0.service = service
            $0.group = group
        }
    }

    /// Requests are taken from now on: a signal drains. Before, it ends the process, which has admitted nothing.
    func serves() {
        state.withLock { $0.stages.served() }
    }

    /// Whether admitted requests were given up.
    var isHurried: Bool { state.withLock { $0.isHurried } }

    private func handle(_ signal: Int32) {
        let (step, service, group, read) = state.withLock { state in
            let step = state.stages.received(signal)
            if step == .hurry { state.isHurried = true }
            return (step, state.service, state.group, state.read)
        }
        switch step {
        case .ignore: logger.notice("a signal was ignored: it has no meaning here", metadata: ["signal": "\(signal)"])
        case .reload: if let read { service?.reload(read) }
        case .drain: Task { await group?.triggerGracefulShutdown() }
        case .hurry:
            logger.warning("a second signal: admitted requests are given up")
            service?.hurry()
            DispatchQueue.global().asyncAfter(deadline: .now() + Self.hurriedSeconds) { Self.end(1) }
        case .exit(let status): Self.end(status)
        }
    }

    /// Ends the process without waiting for any thread.
    private static func end(_ status: Int32) -> Never {
        LogWriter.standardError.flush(atMost: 0.5)
        _exit(status)
    }
}
