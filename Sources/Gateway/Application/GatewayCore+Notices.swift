internal import HTTPTransport
internal import Logging

extension GatewayCore {
    /// Counts and logs what the transport did by itself. What clients bring upon themselves is told at `debug` only.
    func noticed(_ notice: TransportNotice) {
        metrics.transport.count(notice)
        switch notice {
        case .answerUnread: repeatedLog.log(.info, "a client was cut that did not take its answer")
        case .bodyMemoryShort: repeatedLog.log(.warning, "a body was refused for want of memory")
        case .connectionRefused: repeatedLog.log(.warning, "a connection was refused: server.max_connections are open")
        case .connectionEvicted:
            repeatedLog.log(.warning, "an idle connection was closed for a new one: server.max_connections are open")
        case .acceptFailed:
            repeatedLog.log(.error, "a connection could not be accepted: no descriptor or no memory is left")
        case .plainOnTLS: repeatedLog.log(.info, "a client spoke plain HTTP where TLS is spoken")
        case .tlsOnPlain: repeatedLog.log(.info, "a client spoke TLS where plain HTTP is spoken")
        case .handshakeFailed: repeatedLog.log(.info, "a TLS handshake failed")
        case .bodyTooSlow: repeatedLog.log(.debug, "a body arrived too slowly")
        }
    }
}
