private import Foundation
public import ServingCore

/// Where a gateway listens: `http://HOST[:PORT]` or `https://HOST[:PORT]`.
public struct ReplayAddress: Hashable, Sendable {
    /// The host, as the system resolves it.
    public let host: String
    /// The port.
    public let port: Int
    /// Whether it speaks TLS.
    public let isSecure: Bool

    /// Reads a URL; throws `invalidField` for anything but HTTP, plain or over TLS, to a host's root.
    public init(_ text: String) throws(ServingError) {
        guard let url = URLComponents(string: text), url.scheme == "http" || url.scheme == "https", let host = url.host,
            !host.isEmpty,
            url.path.isEmpty || url.path == "/", url.query == nil, url.user == nil
        else {
            throw ServingError(
                .invalidField,
                "expected http://HOST:PORT or https://HOST:PORT, found '\(text)'",
                field: "--url"
            )
        }
        self.host = host
        isSecure = url.scheme == "https"
        port = url.port ?? (isSecure ? 443 : 80)
    }

    /// What the `Host` field says.
    var authority: String { "\(host):\(port)" }
}
