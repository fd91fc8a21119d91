internal import Dispatching

extension GatewayConfiguration {
    /// Checks what no single key can: settings that contradict each other.
    public func validate() throws(ConfigurationError) {
        if uplink.hertz != nil && uplink.bitsPerSecond != nil {
            throw ConfigurationError(key: "uplink", problem: "takes hz or bits_per_second, not both")
        }
        if let url = uplink.mec.url {
            guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
                throw ConfigurationError(key: "uplink.mec.url", problem: "needs http:// or https://, found '\(url)'")
            }
            guard uplink.hertz != nil || uplink.bitsPerSecond != nil else {
                throw ConfigurationError(
                    key: "uplink.mec.url",
                    problem: "needs uplink.hz or uplink.bits_per_second: without them there are no shares to hand over"
                )
            }
        }
        if scheduling.runsExpired && scheduling.policy.isPlanned {
            throw ConfigurationError(
                key: "scheduling.run_expired",
                problem: "is for lru and edf: \(scheduling.policy.rawValue) starts no request after its deadline"
            )
        }
        _ = try tls.identity()
        let directory = try CallerDirectory(callers)
        if callers.protectsReading == true && directory.keys.isEmpty {
            throw ConfigurationError(key: "callers.protect_reading", problem: "needs keys, or nobody could read")
        }
        if requests.defaultTimeout > requests.maximumTimeout {
            throw ConfigurationError(
                key: "requests.default_timeout_ms",
                problem: "is longer than requests.max_timeout_ms"
            )
        }
    }
}
