import ServingCore
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One client connection: what outlives its single requests.
///
/// Kept alive by libmicrohttpd's socket context: retained when the connection starts, released when it closes.
final class HTTPConnection: Sendable {
    /// Tells connections apart; never used twice.
    let id: UInt64
    /// The client's address, without its port.
    let remoteAddress: String

    let state: Mutex<State>

    /// Its TLS; nil on a plain server.
    let tls: TLSConnection?

    struct State {
        /// -1 once libmicrohttpd has closed it: the number may be another connection's by then.
        var descriptor: Int32
        /// When the connection is cut unless something moves it, `distantFuture` where nothing is waited for.
        var deadline: MonotonicInstant
        var exchange: HTTPExchange?
        /// Watches over the answer that is being written.
        var answer: AnswerWatch?
        var target: TargetRead?
        /// The answer to a body that is still arriving, until the connection's thread sends it over TLS.
        var lastAnswer: [UInt8]?
        /// What is suspended while its TLS handshake waits for the client.
        var handshaking: MHDConnection?
        var lingers = false
        var isWatched = false
        /// Since when the connection waits for a head, while it does.
        var waitingSince: MonotonicInstant?
        /// Since when the client may have ended its side, until it was looked whether it did.
        var maybeEndedSince: MonotonicInstant?
    }

    init(
        id: UInt64,
        descriptor: Int32,
        remoteAddress: String,
        tls: TLSConnection? = nil,
        openedAt now: MonotonicInstant,
        headDeadline: MonotonicInstant
    ) {
        self.id = id
        self.remoteAddress = remoteAddress
        self.tls = tls
        state = Mutex(State(descriptor: descriptor, deadline: headDeadline, waitingSince: now))
    }

    /// The exchange that is under way, if any.
    var exchange: HTTPExchange? { state.withLock { $0.exchange } }

    /// The first line of a request is there: its head is due by `deadline`.
    func targetRead(_ target: TargetRead, deadline: MonotonicInstant) {
        state.withLock {
            $0.target = target
            $0.deadline = min($0.deadline, deadline)
        }
    }

    /// The head of a request is there: hands out its target and lifts the deadline.
    func headRead() -> TargetRead? {
        state.withLock {
            $0.deadline = .distantFuture
            $0.waitingSince = nil
            return $0.target.take()
        }
    }

    /// Makes `exchange` the one under way.
    func begin(_ exchange: HTTPExchange) {
        state.withLock { $0.exchange = exchange }
    }

    /// An answer is being written, and is due by `deadline`; `lingers` where its request's body was not read.
    func answering(deadline: MonotonicInstant, lingers: Bool) {
        state.withLock {
            $0.deadline = deadline
            $0.lingers = lingers
            $0.answer = AnswerWatch()
        }
    }

    /// The request is over and the next one is due by `deadline`; true where the connection is to linger.
    func requestOver(at now: MonotonicInstant, nextDeadline: MonotonicInstant) -> Bool {
        state.withLock {
            $0.exchange = nil
            $0.target = nil
            $0.answer = nil
            $0.waitingSince = now
            $0.maybeEndedSince = now
            $0.deadline = nextDeadline
            return $0.lingers
        }
    }

    /// libmicrohttpd is about to close the socket: it must not be touched from here on.
    func closed(unwatch: (Int32) -> Void) {
        state.withLock {
            if $0.isWatched { unwatch($0.descriptor) }
            $0.descriptor = -1
        }
    }

    /// Calls `watch` with the socket and whether it was called before.
    func watch(_ watch: (_ descriptor: Int32, _ again: Bool) -> Void) {
        state.withLock {
            guard $0.descriptor >= 0 else { return }
            watch($0.descriptor, $0.isWatched)
            $0.isWatched = true
        }
    }

    /// Whether the client has ended its side and everything it sent was read. Over TLS libmicrohttpd misses no end, and it is not
    /// looked for.
    var isAtEnd: Bool {
        tls == nil && state.withLock { Self.isAtEnd($0.descriptor) }
    }

    /// Bytes that lie in the kernel's buffer, received and not read.
    var bufferedBytes: Int {
        state.withLock {
            guard $0.descriptor >= 0 else { return 0 }
            var count: Int32 = 0
            return ioctl($0.descriptor, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
        }
    }

    static func isAtEnd(_ descriptor: Int32) -> Bool {
        guard descriptor >= 0 else { return false }
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) == 0
    }

    /// Ends the connection both ways; libmicrohttpd sees the end of its stream and closes.
    func cut() {
        state.withLock {
            guard $0.descriptor >= 0 else { return }
            $0.deadline = .distantFuture
            shutdown($0.descriptor, Int32(SHUT_RDWR))
        }
    }

    /// Hands out the answer that is to be sent over TLS.
    func takeLastAnswer() -> [UInt8]? { state.withLock { $0.lastAnswer.take() } }

    /// Writes `bytes` and ends our side of the stream; false where they did not all fit the kernel's buffer, nil where the
    /// connection's own thread writes them and tells its exchange.
    ///
    /// For an answer that libmicrohttpd cannot take because the body is still arriving: nothing of ours is under way then.
    func sendLast(_ bytes: [UInt8], lingerUntil deadline: MonotonicInstant) -> Bool? {
        state.withLock {
            guard $0.descriptor >= 0 else { return false }
            if let tls {
                $0.deadline = deadline
                $0.lastAnswer = bytes
                tls.finish()
                return nil
            }
            let sent = send($0.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            shutdown($0.descriptor, Int32(SHUT_WR))
            $0.deadline = deadline
            return sent == bytes.count
        }
    }
}
