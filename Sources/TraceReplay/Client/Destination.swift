import NIOCore
import NIOSSL

/// Where connections go to, and how they are secured on the way.
struct Destination: Sendable {
    /// The address.
    let socket: SocketAddress
    /// What TLS trusts; nil for plain HTTP.
    var tls: NIOSSLContext?
    /// The host as the server's certificate names it.
    var host = ""

    /// What is put before HTTP on each connection; nil for plain HTTP.
    func tlsHandler() throws -> NIOSSLClientHandler? {
        guard let tls else { return nil }
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        // The name is for a server's choice of certificate: an address is none (RFC 6066, 3).
        return try NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : host)
    }
}
