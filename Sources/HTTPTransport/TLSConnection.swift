import ServingCore
import Synchronization
import TransportSecurity

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// TLS's part of a connection: what its session receives through, and the one place where something is sent beside libmicrohttpd.
///
/// Only the connection's own thread touches the session, since GnuTLS locks nothing: what other threads want sent is sent from
/// within the next receive. Two things of libmicrohttpd are mended here. While a handshake waits for its client, 0.9.75 calls it
/// again without a pause; the connection is suspended instead. And while a body arrives it cannot send an answer.
///
/// `@unchecked Sendable` because the variables are used on the connection's own thread only.
final class TLSConnection: TLSTransport, @unchecked Sendable {
    let session: TLSSession
    private let connection: MHDConnection
    private let descriptor: Int32
    private let server: HTTPServerContext
    /// Kept for the session, which only borrows it.
    private let credentials: TLSCredentials
    /// The next receive sends the connection's last answer instead of receiving.
    private let isFinishing = Atomic(false)

    private var dropped = 0
    private var hasReceived = false
    private var isPlain = false
    private var isEstablished = false

    /// Begins TLS on `connection`, before its handshake; nil where the server speaks plain HTTP.
    init?(_ connection: MHDConnection, server: HTTPServerContext) {
        guard let identity = server.configuration.tls, let session = connection.tlsSession else { return nil }
        self.session = session
        self.connection = connection
        self.server = server
        descriptor = connection.descriptor
        credentials = identity.newest
        super.init()
        session.begin(credentials, through: self)
    }

    /// Whether a handshake began and did not come to its end.
    var hasFailed: Bool { hasReceived && !isPlain && !isEstablished }

    /// The subject of the client's certificate; first asked for once the handshake is over, and read once.
    private(set) lazy var clientSubject: String? = credentials.asksClients ? session.clientSubject : nil

    /// Has the connection's thread send its last answer, and wakes it; from any thread, while the socket is open.
    func finish() {
        isFinishing.store(true, ordering: .releasing)
        // Nothing but an end of the stream wakes a thread of libmicrohttpd that waits for bytes.
        shutdown(descriptor, Int32(SHUT_RD))
    }

    override func established() {
        isEstablished = true
    }

    override func receive(into buffer: UnsafeMutableRawPointer, count: Int) -> Int {
        if isFinishing.load(ordering: .acquiring) { return finish(into: buffer, count: count) }
        let received = recv(descriptor, buffer, count, Int32(MSG_DONTWAIT))
        guard received >= 0 else { return failed(errno) }
        guard received > 0, !hasReceived else { return received }
        hasReceived = true
        guard buffer.load(as: UInt8.self) == Self.handshakeRecord else { return refusePlain() }
        return received
    }

    /// The first byte of every TLS connection: a record that holds a part of the handshake.
    static let handshakeRecord: UInt8 = 0x16

    /// A fatal alert that tells a client of TLS about a server's own trouble, sent in place of a handshake.
    static let refusal: [UInt8] = [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x50]

    private func failed(_ error: Int32) -> Int {
        guard error == EAGAIN || error == EINTR else { return session.fail(error) }
        if !isEstablished, let peer = connection.owner { server.awaitHandshake(peer, connection) }
        return session.wait()
    }

    /// Sends the last answer, the first time, and drops what still arrives until the client ends, so that it reads the answer rather
    /// than a reset.
    private func finish(into buffer: UnsafeMutableRawPointer, count: Int) -> Int {
        guard let peer = connection.owner else { return 0 }
        if let bytes = peer.takeLastAnswer() { peer.exchange?.lastAnswerSent(session.sendLast(bytes)) }
        while dropped <= server.configuration.lingerBytes {
            let received = recv(descriptor, buffer, count, Int32(MSG_DONTWAIT))
            guard received > 0 else { return isOpen ? session.wait() : 0 }
            dropped += received
        }
        return 0
    }

    /// Whether neither side has ended the connection: shut down for reading, a socket says "the end" wherever nothing has come.
    private var isOpen: Bool {
        withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) { info in
            var size = socklen_t(info.count)
            guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, info.baseAddress, &size) == 0, size > 0
            else { return false }
            // `tcpi_state`, the first byte of `struct tcp_info`, is TCP_ESTABLISHED of linux/tcp_states.h.
            return info[0] == 1
        }
    }

    /// Tells a client of plain HTTP so in its own words, and ends the connection.
    private func refusePlain() -> Int {
        isPlain = true
        server.handler.noticed(.plainOnTLS)
        let error = ServingError(.malformedHTTP, "this port speaks TLS: the address begins with https://")
        let bytes = server.handler.response(to: error, head: nil).wireBytes(isHead: false)
        send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        shutdown(descriptor, Int32(SHUT_WR))
        server.lingering.adopt(copyOf: descriptor)
        return 0
    }
}
