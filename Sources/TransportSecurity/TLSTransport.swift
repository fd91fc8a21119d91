import CGnuTLS

/// What a session receives through, and is told of; subclassed by the connection it belongs to.
///
/// `@unchecked Sendable` because it has no state of its own.
open class TLSTransport: @unchecked Sendable {
    /// Makes one for one session, which it has to outlive.
    public init() {}

    /// Receives up to `count` bytes, from within GnuTLS on the connection's thread: how many came, 0 at the end, or what
    /// ``TLSSession/wait()`` or ``TLSSession/fail(_:)`` gives.
    open func receive(into buffer: UnsafeMutableRawPointer, count: Int) -> Int { 0 }

    /// The client has proven the handshake.
    open func established() {}

    static let pull: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int) -> Int = {
        context,
        buffer,
        count in
        guard let transport = TLSTransport.at(context), let buffer else { return 0 }
        return transport.receive(into: buffer, count: count)
    }

    static let finished: gnutls_handshake_hook_func = { session, _, _, incoming, _ in
        guard let session, incoming != 0 else { return 0 }
        TLSTransport.at(CGnuTLS_context(session))?.established()
        return 0
    }

    /// Borrowed: the connection keeps it for as long as the session lives.
    private static func at(_ context: UnsafeMutableRawPointer?) -> TLSTransport? {
        context.map { Unmanaged<TLSTransport>.fromOpaque($0).takeUnretainedValue() }
    }
}
