import NIOCore
import NIOHTTP1

/// One request to the gateway and what came of it; used on the event loop only.
final class HTTPCall {
    /// How a call ended.
    enum End {
        /// An answer, with the start of its body where that was asked for.
        case answered(status: Int, body: ByteBuffer)
        /// No whole answer came.
        case broken(String)
        /// It was given up.
        case abandoned
    }

    /// The request's head, as it is sent.
    let head: HTTPRequestHead
    /// The request's body.
    let body: ByteBuffer
    /// Whether the head asks for a 100 before the body.
    let expectsContinue: Bool
    /// The link the body goes over; nil for one without a limit.
    let link: DeviceLink?
    /// Called when the head was handed to the system.
    let started: () -> Void
    /// Called once, at the end.
    let ended: (End) -> Void

    /// How much of the body was handed to the system.
    var sentBytes = 0
    /// What carries it.
    weak var connection: CallConnection?
    /// Whether it failed on a connection that had been idle, and was tried again.
    var isSecondTry = false
    private var isOver = false

    init(
        head: HTTPRequestHead,
        body: ByteBuffer,
        expectsContinue: Bool = false,
        link: DeviceLink? = nil,
        started: @escaping () -> Void = {},
        ended: @escaping (End) -> Void
    ) {
        self.head = head
        self.body = body
        self.expectsContinue = expectsContinue
        self.link = link
        self.started = started
        self.ended = ended
    }

    /// Ends the call; only the first time counts.
    func end(_ end: End) {
        guard !isOver else { return }
        isOver = true
        ended(end)
    }
}
