internal import Logging
private import Synchronization

/// Reads configuration, keys, certificates and catalog again while the gateway runs, as SIGHUP asks for.
final class GatewayReload: Sendable {
    private struct State {
        /// The settings that hold now.
        var running: ConfigurationLoader
        /// What they hold for; nil until the gateway is ready.
        var core: GatewayCore?
    }

    private let state: Mutex<State>
    private let certificates: CertificateWatch?
    private let logger: Logger

    /// Starts from what the gateway was started with.
    init(_ started: ConfigurationLoader, certificates: CertificateWatch?, logger: Logger) {
        state = Mutex(State(running: started))
        self.certificates = certificates
        self.logger = logger
    }

    /// The gateway is ready: there is something to change from now on.
    func serves(_ core: GatewayCore) { state.withLock { $0.core = core } }

    /// Reads everything by `read` and changes the gateway to it; where something read is no good, all stays as it is, and a line of
    /// the log says why. Not to be called by two threads at once.
    func reload(read: () throws -> ConfigurationLoader) {
        let (running, core) = state.withLock { ($0.running, $0.core) }
        guard let core else { return }
        do {
            let change = try ConfigurationChange(from: running, to: try read())
            try apply(change, to: core)
            state.withLock { $0.running = change.loader }
        } catch {
            logger.error("what was read again is no good: all stays as it was", metadata: ["problem": "\(error)"])
        }
    }

    private func apply(_ change: ConfigurationChange, to core: GatewayCore) throws {
        let configuration = change.loader.configuration
        let directory = try CallerDirectory(configuration.callers)
        if let files = try configuration.tls.files() { certificates?.reload(files) }
        core.replaceCallers(directory, configuration.callers)
        core.live.replace(by: configuration)
        LogThreshold.shared.level = Logger.Level(rawValue: configuration.logLevel) ?? .info
        let changed = change.applied.joined(separator: ",")
        let details: Logger.Metadata = ["changed": "\(changed)", "keys": "\(directory.keys.count)"]
        logger.notice("configuration, keys, certificates and catalog were read again", metadata: details)
        if !change.kept.isEmpty {
            let kept = change.kept.joined(separator: ",")
            logger.warning("settings were changed that count at the next start only", metadata: ["settings": "\(kept)"])
        }
        // What cannot be read of the store is told by its reader.
        core.catalogThread.reload { _ in }
    }
}
