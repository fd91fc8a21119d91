extension GatewayConfiguration {
    /// Checks what no single key can: settings that contradict each other.
    public func validate() throws(ConfigurationError) {
        if uplink.hertz != nil && uplink.bitsPerSecond != nil {
            throw ConfigurationError(key: "uplink", problem: "takes hz or bits_per_second, not both")
        }
        let directory = try CallerDirectory(callers)
        if callers.protectsReading && directory.keys.isEmpty {
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
