internal import MetricsExposition
internal import TransportSecurity

/// Tells when the certificate that clients are shown ends.
enum CertificateMetrics {
    /// Registers the gauge, read at each scrape.
    static func register(_ identity: TLSIdentity, in registry: MetricRegistry) {
        let help = "When the TLS certificate ends, in seconds since 1970."
        registry.gauge(
            "gateway_tls_certificate_expiry_timestamp_seconds",
            help: help,
            value: {
                Double(identity.newest.validity.upperBound)
            }
        )
    }
}
