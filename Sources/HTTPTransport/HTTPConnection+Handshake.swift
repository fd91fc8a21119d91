import ServingCore
import Synchronization

/// The wait for a client's part of a TLS handshake: libmicrohttpd does not look at the connection meanwhile.
extension HTTPConnection {
    /// Suspends the connection, on its own thread; false where the server `isStopping`, after which nothing may be suspended.
    func suspendForHandshake(_ connection: MHDConnection, unless isStopping: () -> Bool) -> Bool {
        state.withLock {
            guard !isStopping(), $0.descriptor >= 0, $0.handshaking == nil else { return false }
            $0.handshaking = connection
            connection.suspend()
            return true
        }
    }

    /// Lets the handshake go on, from any thread; says whether it was waiting.
    @discardableResult
    func resumeHandshake() -> Bool {
        state.withLock {
            guard let connection = $0.handshaking.take() else { return false }
            connection.resume()
            return true
        }
    }
}

extension HTTPServerContext {
    /// A handshake on `peer` has to wait for its client.
    func awaitHandshake(_ peer: HTTPConnection, _ connection: MHDConnection) {
        let isSuspended = peer.suspendForHandshake(connection) { isStopping.load(ordering: .sequentiallyConsistent) }
        if isSuspended { reaper.watchForInput(peer) }
    }
}
