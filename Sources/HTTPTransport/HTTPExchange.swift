import ServingCore
import BandwidthAllocation
import Synchronization

/// One request and its answer.
///
/// libmicrohttpd drives it on the connection's thread through ``begin()``, ``bodyArrived(_:unread:)``, ``requestComplete()``
/// and ``requestOver(isComplete:)``; other threads answer, pace or abort it. All that is shared lies in `state`; a suspended
/// connection is resumed only under that lock, so it is suspended before anybody can resume it, and resumed once.
public final class HTTPExchange: Sendable {
    /// Tells exchanges apart; unique while the process runs.
    public let id: UInt64
    /// The request's head.
    public let head: RequestHead

    let connection: MHDConnection
    let peer: HTTPConnection
    let server: HTTPServerContext
    let state: Mutex<State>

    /// Where the request stands.
    enum Phase {
        /// The handler looks at the head.
        case head
        /// Body bytes are arriving.
        case receivingBody
        /// All of the body is there.
        case complete
        /// An answer is on its way out through libmicrohttpd.
        case answering
        /// An answer to a body that is still arriving is being written by us.
        case interrupting
        /// That answer is written; what still arrives is dropped until the client closes.
        case draining
        /// Nothing more happens.
        case over
    }

    /// Why the connection is suspended.
    enum Suspension {
        case none
        case paced
        case awaitingAnswer
    }

    struct State {
        var phase = Phase.head
        var suspension = Suspension.none
        /// The connection's thread is inside the handler or a callback: it will look at `pending` itself.
        var isInCallback = true
        /// The handler was given the body.
        var isDelivered = false
        var isAnswered = false
        var isAborted = false
        var isEnded = false
        var pending: (@Sendable () -> HTTPResponse)?
        var body: ByteStorage?
        /// What the body may take of memory; nil where nobody asks.
        var allowance: (any BodyAllowance)?
        var received = 0
        /// Body bytes that libmicrohttpd has read and were not taken yet.
        var unread = 0
        var dropped = 0
        var bucket: TokenBucket?
        /// When the pacer's suspension that lasts began, and how long all before it lasted together.
        var heldSince: MonotonicInstant?
        var held = Duration.zero
        var context: (any AnyObject & Sendable)?
        /// How often the connection was suspended, and the number of the last one the reaper saw.
        var suspensionCount = 0
        var seenSuspension = 0
        /// The reaper is told when the client goes.
        var isWatched = false
        var watch = UploadWatch()
    }

    init(id: UInt64, head: RequestHead, connection: MHDConnection, peer: HTTPConnection, server: HTTPServerContext) {
        self.id = id
        self.head = head
        self.connection = connection
        self.peer = peer
        self.server = server
        state = Mutex(State())
    }

    /// The handler's own object for this request.
    public var context: (any AnyObject & Sendable)? {
        get { state.withLock { $0.context } }
        set { state.withLock { $0.context = newValue } }
    }

    /// Asks `allowance` before bytes of the body are stored, and keeps it as long as they are; a body that it does not cover is
    /// answered 503. To be called at the head.
    public func setBodyAllowance(_ allowance: any BodyAllowance) {
        state.withLock { $0.allowance = allowance }
    }

    /// Whether an answer can still reach the client, as far as is known.
    public var isWanted: Bool {
        state.withLock { !$0.isAborted && $0.phase != .over }
    }

    /// How many body bytes have arrived.
    public var receivedBytes: Int { state.withLock { $0.received } }

    /// What has arrived of the body, and how long it was held back, as of now.
    public var uploadProgress: UploadProgress {
        let now = server.clock()
        let buffered = peer.bufferedBytes
        return state.withLock {
            let current = $0.heldSince.map { max($0.duration(to: now), .zero) } ?? .zero
            return UploadProgress(
                receivedBytes: $0.received,
                bufferedBytes: $0.suspension == .paced
                    ? min(buffered + $0.unread, declaredBytes - $0.received) : 0,
                held: $0.held + current,
                rate: $0.bucket?.rate,
                at: now
            )
        }
    }

    /// How many body bytes the request declares.
    var declaredBytes: Int { head.contentLength ?? 0 }
}
