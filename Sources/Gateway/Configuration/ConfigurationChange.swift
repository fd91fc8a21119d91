/// What becomes of a configuration that is read again while the gateway runs: what can change does, the rest stays.
public struct ConfigurationChange: Sendable {
    /// Keys whose new values count from now on.
    public let applied: [String]
    /// Keys whose new values count at the next start only.
    public let kept: [String]
    /// What holds from now on.
    public let loader: ConfigurationLoader

    /// Compares what is `running` with what was `read`.
    ///
    /// - Throws: ``ConfigurationError`` where what is read, or what would hold from now on, contradicts itself.
    public init(from running: ConfigurationLoader, to read: ConfigurationLoader) throws(ConfigurationError) {
        try read.configuration.validate()
        let changed = ConfigurationKey.all.map(\.path).filter { running.texts[$0] != read.texts[$0] }
        let isTLSKept = (running.configuration.tls.certificate == nil) != (read.configuration.tls.certificate == nil)
        let isLive = { (path: String) in
            path.hasPrefix("tls.") && isTLSKept ? false : ConfigurationKey.canChange.contains(path)
        }
        applied = changed.filter(isLive)
        kept = changed.filter { !isLive($0) }
        var effective = ConfigurationLoader()
        for path in ConfigurationKey.all.map(\.path) {
            let texts = isLive(path) ? read.texts : running.texts
            if let text = texts[path] { try effective.set(path, to: text) }
        }
        try effective.configuration.validate()
        loader = effective
    }
}

extension ConfigurationKey {
    /// The keys whose values can change while the gateway runs.
    static let canChange: Set<String> = [
        "log.level",
        "tls.certificate", "tls.key", "tls.client_ca",
        "callers.keys", "callers.key_file", "callers.protect_reading", "callers.protect_repository",
        "callers.requests_per_second", "callers.bytes_per_second", "callers.concurrent_requests", "callers.burst_ms",
        "callers.max_callers",
        "requests.default_timeout_ms", "requests.max_timeout_ms", "requests.max_json_bytes",
        "shutdown.drain_delay_ms", "shutdown.grace_ms",
    ]
}
