internal import HTTPTransport
internal import ServingCore

/// How the gateway is reached and by whom, for the log line of its start.
struct StartBanner: Sendable {
    /// Where it is reached: `https://192.0.2.1:8443`.
    let url: String
    /// The uplink's capacity, as it was configured.
    let uplink: String
    /// How many keys there are.
    let keys: Int
    /// `off`, `on`, or `client certificates`.
    let tls: String
    /// Whether machines other than this one may ask without showing anything.
    let isOpenToOthers: Bool

    init(_ configuration: GatewayConfiguration, port: Int, keys: Int) {
        let host = configuration.server.host
        let isSecure = configuration.tls.certificate != nil
        let asksClients = configuration.tls.clientCA != nil
        // An IPv6 address stands in brackets (RFC 3986, 3.2.2).
        url = "\(isSecure ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        uplink =
            configuration.uplink.hertz.map { "\($0.rawValue) Hz" }
            ?? configuration.uplink.bitsPerSecond.map { "\($0.rawValue) bit/s" } ?? "not limited"
        self.keys = keys
        tls = isSecure ? (asksClients ? "client certificates" : "on") : "off"
        let isLocal = host == "localhost" || host == "::1" || host.hasPrefix("127.")
        isOpenToOthers = keys == 0 && !asksClients && !isLocal
    }
}
