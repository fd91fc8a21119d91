/// What the transport does by itself to protect the server; told to the handler, so that it is counted and logged.
public enum TransportNotice: String, CaseIterable, Hashable, Sendable {
    /// A client took too little of its answer for too long, and was cut.
    case answerUnread = "answer_unread"
    /// A body arrived too slowly, and was answered 408.
    case bodyTooSlow = "body_too_slow"
    /// There was no memory for a body, which was answered 503.
    case bodyMemoryShort = "body_memory_short"
    /// One connection too many was answered 503 and closed.
    case connectionRefused = "connection_refused"
    /// The connection that waited longest for a request was closed in favour of a new one.
    case connectionEvicted = "connection_evicted"
    /// A client spoke plain HTTP where TLS is spoken; it was answered 400 and the connection closed.
    case plainOnTLS = "plain_on_tls"
    /// A client spoke TLS where plain HTTP is spoken; it was answered 400 and the connection closed.
    case tlsOnPlain = "tls_on_plain"
    /// A TLS handshake did not come to its end.
    case handshakeFailed = "handshake_failed"
    /// No descriptor or memory was left for a connection that waits to be accepted.
    case acceptFailed = "accept_failed"
}
